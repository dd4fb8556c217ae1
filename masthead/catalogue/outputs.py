"""The register of outputs: every place that shows cards says so, and how it can be rendered for a check.

A view that answers readers is marked `@shows("name", …)` or `@shows_no_cards`; one that is marked as neither does not
start (system check masthead.E001). `masthead check disclosure` renders every registered output of every paid card.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from masthead.catalogue.models import Card

FORMS = ("html", "feed", "json", "calendar", "text", "mail")


@dataclass(frozen=True)
class Document:
    """One rendered output: where it is, what it says, and where its short addresses (paths) lead."""

    address: str
    body: bytes
    leads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """A place that shows cards.

    `form` says how labels are looked for in it; `addresses(card)` gives the paths at which `card` is to be expected in
    its title; an output that has no address (a mail) gives `documents(card)` instead.
    """

    name: str
    form: str
    addresses: Callable[[Card], Iterable[str]] | None = None
    documents: Callable[[Card], Iterable[Document]] | None = None

    def __post_init__(self):
        if self.form not in FORMS or (self.addresses is None) == (self.documents is None):
            raise ValueError(f"The output “{self.name}” must say its form and either its addresses or its documents.")


_register: dict[str, Output] = {}


def register(output: Output) -> Output:
    """Add an output; the same name twice is an error."""
    if output.name in _register:
        raise ValueError(f"Two outputs are called “{output.name}”.")
    _register[output.name] = output
    return output


def shows(name: str, form: str, addresses: Callable[[Card], Iterable[str]]):
    """Mark a view as an output that shows cards, and register it."""

    def mark(view):
        view.shows_cards = register(Output(name, form, addresses)).name
        return view

    return mark


def shows_no_cards(view):
    """Mark a view as one that shows no card to anybody."""
    view.shows_cards = None
    return view


def registered() -> list[Output]:
    return list(_register.values())
