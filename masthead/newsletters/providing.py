"""Providing: a chunk of letters goes to a mail provider in one call over HTTP. Anymail words it; here it is sent once.

A provider is offered only if each letter of a batch keeps its own headers and its own text, above all its own
List-Unsubscribe, and nothing is written over them. What the call's answer does not prove stays uncertain, until the
provider tells (see `hearing`). A provider that knows idempotency keys is asked again with the same bytes and key: it
answers what it answered before and sends nothing twice.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.backends.postmark import EmailBackend as PostmarkBackend
from anymail.backends.resend import EmailBackend as ResendBackend
from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from urllib3.exceptions import NewConnectionError

from masthead.mail.smtp import Reply
from masthead.mail.transport import Outcome, Result, Server, ServerGone, Stage
from masthead.newsletters.carrying import ByServer, Carrier, Letter, Parcel
from masthead.newsletters.hearing import NAME, name_of
from masthead.subscribers import posting

log = logging.getLogger(__name__)

OURS = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID")  # headers no provider makes up
INACTIVE = 406  # Postmark's word for an address it does not write to any more
ABOUT_TO = re.compile(r"['`\"]to['`\"]", re.IGNORECASE)  # a provider's complaint of the field To
AGAIN = (2.0, 8.0)  # seconds before a keyed call without an answer is made again


@dataclass(frozen=True)
class Provider:
    """One that is offered: how it is called, and how its answer is read.

    `most` letters a call. `key` is the HTTP header of its idempotency key, "" where it has none. `judge` says of an
    answer what became of each letter, in order; a refusal at DATA is about us, one at RCPT about the recipient.
    """

    name: str
    backend: type[AnymailRequestsBackend]
    place: str
    most: int
    judge: Callable[[int, Any], list["Fate"]]
    key: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()  # of Anymail's message


class Fate(NamedTuple):
    """What a provider says of one letter; `text` is its own name of the letter, or why it refuses it."""

    outcome: Outcome
    stage: Stage
    text: str


def _postmark_said(count: int, said: Any) -> list[Fate]:
    """One object a letter: 0 was taken, everything else was not."""
    return [
        Fate(Outcome.ACCEPTED, Stage.BODY, str(one["MessageID"]))
        if one["ErrorCode"] == 0
        else _refused(str(one["Message"]), one["ErrorCode"] == INACTIVE)
        for one in said
    ]


def _resend_said(count: int, said: Any) -> list[Fate]:
    """`data` holds the letters that were taken, in order; `errors` the places of the others."""
    refused = {int(one["index"]): _refused(str(one["message"])) for one in said.get("errors") or []}
    names = [str(one["id"]) for one in said["data"]]
    if len(names) + len(refused) != count:
        raise ValueError(f"{len(names)} taken and {len(refused)} refused are not {count}")
    taken = iter(names)
    return [refused.get(at) or Fate(Outcome.ACCEPTED, Stage.BODY, next(taken)) for at in range(count)]


def _refused(words: str, about_reader: bool = False) -> Fate:
    about_reader = about_reader or bool(ABOUT_TO.search(words))
    return Fate(Outcome.REJECTED, Stage.RCPT if about_reader else Stage.DATA, words)


PROVIDERS = {
    "postmark": Provider(
        "Postmark",
        PostmarkBackend,
        "email/batch",
        most=500,
        judge=_postmark_said,
        options=(("track_opens", False), ("track_clicks", False)),
    ),
    "resend": Provider(
        "Resend",
        ResendBackend,
        "emails/batch",
        most=100,
        judge=_resend_said,
        key="Idempotency-Key",
        headers=(("x-batch-validation", "permissive"),),
    ),
}


def carriers(count: int, to: Server | None = None) -> list[Carrier]:
    """Return so many carriers as the options say: of the house's provider, else of its mail server (or `to`)."""
    provider = PROVIDERS.get(settings.MASTHEAD["esp"])
    if provider and to is None:
        return [ByProvider(provider) for _n in range(count)]
    return [ByServer(to or posting.server()) for _n in range(count)]


class ByProvider:
    """The carrier over a provider's HTTP interface: a parcel is one call."""

    def __init__(self, provider: Provider):
        self.provider = provider
        self.backend = provider.backend()
        self.session: requests.Session | None = None
        self.credentials: dict[str, str] = {}
        self.is_wary = False

    def carry(self, parcel: Parcel) -> None:
        """Hand over all letters of the parcel. Raises ServerGone where the provider takes none or says nothing.

        After a silence only the first of a parcel goes ahead, until one has been answered: a provider in trouble for
        hours shall not make a whole issue uncertain, chunk by chunk.
        """
        letters = parcel.batch()
        if self.is_wary:
            letters = letters[:1]
        for at in range(0, len(letters), self.provider.most):
            self._hand_over(parcel, letters[at : at + self.provider.most])

    def close(self) -> None:
        if self.session:
            self.session.close()
        self.session = None

    def _hand_over(self, parcel: Parcel, letters: Sequence[Letter]) -> None:
        worded = dict(self._worded(parcel, letters))
        if not worded:
            return
        call = self._call(parcel.key, list(worded), list(worded.values()))
        for letter in worded:
            parcel.begin(letter.id)
        try:
            answer = self._answer(call)
            results = None if answer is None else self._judged(list(worded), answer)
        except _NotTaken as not_taken:
            for letter in worded:
                parcel.answer(
                    letter.id, Result(letter.id, Outcome.REQUEUE, Stage.CONNECT, not_taken.code, str(not_taken))
                )
            raise ServerGone(str(not_taken), Reply(not_taken.code, str(not_taken))) from not_taken
        self.is_wary = results is None
        if results is None:
            raise ServerGone(f"{self.provider.name} gave no answer that can be read: its letters are uncertain.")
        for result in results:
            parcel.answer(result.id, result)

    def _worded(self, parcel: Parcel, letters: Sequence[Letter]) -> Iterator[tuple[Letter, dict]]:
        """Each letter as the provider wants it; one that can't be worded so is answered here."""
        for letter in letters:
            try:
                payload = self.backend.build_message_payload(_message(letter, self.provider), {})
                params = payload.get_request_params(self.backend.api_url)
                self.credentials = params["headers"]
                yield letter, json.loads(params["data"])
            except (AnymailError, ValueError) as error:
                parcel.answer(letter.id, Result(letter.id, Outcome.REJECTED, Stage.LOCAL, 0, str(error)[:300]))

    def _call(self, key: str, letters: Sequence[Letter], bodies: list[dict]) -> dict:
        """The call, its bytes fixed: whoever makes it again says the same."""
        headers = {**self.credentials, **dict(self.provider.headers)}
        body = json.dumps(bodies).encode()
        if self.provider.key:
            said = "\0".join([key, *(letter.message_id for letter in letters)])
            headers[self.provider.key] = hashlib.sha256(said.encode()).hexdigest()
        url, patience = self.backend.api_url + self.provider.place, self.backend.timeout
        return {"method": "POST", "url": url, "headers": headers, "data": body, "timeout": patience}

    def _answer(self, call: dict) -> requests.Response | None:
        """The provider's answer to the call, None where nobody knows what came of it. Raises _NotTaken."""
        self.session = self.session or self.backend.create_session()
        for wait in (0.0, *(AGAIN if self.provider.key else ())):
            time.sleep(wait)
            try:
                answer = self.session.request(**call)
            except requests.RequestException as error:
                if not wait and never_left(error):
                    raise _NotTaken(f"{self.provider.name} can't be reached: {error}") from error
                log.warning("%s gave no answer: %s", self.provider.name, error)
                continue
            if answer.status_code < 300:
                return answer
            if not wait and 400 <= answer.status_code < 500 and answer.status_code not in (408, 409):
                raise _NotTaken(f"{self.provider.name} refuses: {_said(answer)}", answer.status_code)
            log.warning("%s answers %s %s", self.provider.name, answer.status_code, _said(answer))
        return None

    def _judged(self, letters: Sequence[Letter], answer: requests.Response) -> list[Result] | None:
        """What became of each letter; None where the answer can't be read."""
        try:
            said = self.provider.judge(len(letters), answer.json())
            pairs = list(zip(letters, said, strict=True))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            log.error("%s answers something that can't be read: %r", self.provider.name, error)
            return None
        return [
            Result(
                letter.id,
                fate.outcome,
                fate.stage,
                answer.status_code if fate.outcome is Outcome.ACCEPTED else 0,
                fate.text,
            )
            for letter, fate in pairs
        ]


class _NotTaken(Exception):
    """The provider has certainly taken none of the letters; `code` is its HTTP status, 0 where it said nothing."""

    def __init__(self, sentence: str, code: int = 0):
        super().__init__(sentence[:300])
        self.code = code


def never_left(error: requests.RequestException) -> bool:
    """Whether a call failed before a byte of it could arrive: no line, or a certificate that does not hold."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError) or "CERTIFICATE_VERIFY_FAILED" in str(error)


def _message(letter: Letter, provider: Provider) -> EmailMultiAlternatives:
    """The letter as Anymail takes it. Message-ID, Date and return path are the provider's own."""
    parts = letter.parts
    headers = {name: _ascii(parts.headers[name.lower()]) for name in OURS if name.lower() in parts.headers}
    message = EmailMultiAlternatives(
        parts.subject, parts.text, parts.headers["from"], [letter.recipient], headers=headers
    )
    message.attach_alternative(parts.html, "text/html")
    message.metadata = {NAME: name_of(letter.message_id)}  # type: ignore[attr-defined]
    for name, value in provider.options:
        setattr(message, name, value)
    return message


def _ascii(value: str) -> str:
    """A header's value, or of a list's name with odd letters only what machines read: providers send those raw."""
    return value if value.isascii() else value[value.rfind("<") :]


def _said(answer: requests.Response) -> str:
    try:
        said = answer.json()
        return str(said.get("message") or said.get("Message") or said)[:250]
    except (ValueError, AttributeError):
        return answer.text[:250] or answer.reason
