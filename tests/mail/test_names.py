"""What the name system answers is read as it is; a dead line is not asked for ever."""

import dns.exception
import dns.resolver
import dns.rrset
import pytest

from masthead.mail.names import DomainNames, NotAnswered


@pytest.fixture
def wire(monkeypatch):
    """In the place of the name system: `answers[name]` is what it does; `asked` holds the questions."""

    class Wire:
        answers, asked = {}, []

    def resolve(name, kind, **more):
        Wire.asked.append((str(name), kind))
        found = Wire.answers.get(str(name), dns.resolver.NXDOMAIN())
        if isinstance(found, Exception):
            raise found
        return dns.rrset.from_text("x.", 60, "IN", kind, *found)

    Wire.answers, Wire.asked = {}, []
    monkeypatch.setattr(dns.resolver, "resolve", resolve)
    return Wire


def test_records_are_read_as_text_without_their_dots_and_quotes(wire):
    wire.answers = {
        "a.example": ['"v=spf1 " "-all"', '"other"'],
        "m.example": ["10 mail.example."],
        "n.example": ["0 ."],
        "7.100.51.198.in-addr.arpa.": ["mail.example."],
    }
    names = DomainNames()
    assert sorted(names.ask("a.example", "TXT")) == ["other", "v=spf1 -all"]
    assert names.ask("m.example", "MX") == ["10 mail.example"]
    assert names.ask("n.example", "MX") == ["0 ."]
    assert names.ask("198.51.100.7", "PTR") == ["mail.example"]
    assert names.ask("none.example", "A") == []


def test_a_question_is_asked_once(wire):
    names = DomainNames()
    names.ask("a.example", "TXT")
    names.ask("A.example", "TXT")
    assert len(wire.asked) == 1


def test_no_answer_is_not_the_same_as_no_record(wire):
    wire.answers = {"a.example": dns.resolver.NoNameservers(), "b.example": dns.resolver.NoAnswer()}
    with pytest.raises(NotAnswered):
        DomainNames().ask("a.example", "TXT")
    assert DomainNames().ask("b.example", "TXT") == []


def test_a_dead_line_is_given_up_after_two_silences(wire):
    wire.answers = {f"{n}.example": dns.exception.Timeout() for n in range(5)}
    names = DomainNames()
    for n in range(5):
        with pytest.raises(NotAnswered):
            names.ask(f"{n}.example", "TXT")
    assert len(wire.asked) == 2


@pytest.mark.parametrize("name", ["æøå..example", "a" * 300 + ".example"])
def test_what_is_no_name_is_not_answered(name):
    with pytest.raises(NotAnswered):
        DomainNames().ask(name, "A")
