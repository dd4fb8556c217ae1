"""A letter is frozen once, filled for each reader, and read back by an independent parser."""

import html as html_module
import re
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masthead.mail.encoding import quoted_printable
from masthead.mail.letters import (
    BadAddress,
    Block,
    FrozenLetter,
    Kind,
    LetterError,
    Mailbox,
    Slots,
    UndeliverableAddress,
    freeze,
    plain_letter,
)
from tests.mail.fixtures import MOMENT, NASTY, ODD_NAMES, PAGE, issue, parsed, values

ISSUE = issue()
SERVICE = {
    "From": Mailbox("Strømskifte", "desk@example.com"),
    "To": Mailbox("Læser", "reader@example.com"),
    "Subject": "Bekræft",
    "Date": MOMENT,
    "Message-ID": "<c1@example.com>",
}


def printed(name):
    """The name as a correct mailer shows it in one line of a header."""
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", name).strip(" ").encode("utf-8", "replace").decode()


def in_body(name):
    return name.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()


def shown_to(letter):
    """The name in To; by the older parser, as the newer one (3.11) keeps the blank between two encoded words."""
    name, _ = parseaddr(message_from_bytes(letter, policy=policy.compat32)["To"].replace("\r\n", ""))
    return str(make_header(decode_header(name)))


def one_blank(text):
    return re.sub(r"\s+", " ", text)


def body(letter, kind):
    message = parsed(letter) if isinstance(letter, bytes) else letter
    payload = message.get_body((kind,)).get_payload(decode=True)
    return payload.decode("utf-8").replace("\r\n", "\n")


def assert_travels(letter):
    """RFC 5322, 2045 and 2047 as a strict relay would hold them against us."""
    letter.decode("ascii")
    assert letter.endswith(b"\r\n")
    lines = letter.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    head, _, rest = letter.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert all(len(line) <= 76 for line in head.split(b"\r\n") if b"=?utf-8?" in line)
    assert all(line.strip() for line in head.split(b"\r\n"))
    assert max(map(len, rest.split(b"\r\n"))) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in rest.split(b"\r\n"))
    message = parsed(letter)
    assert [part.defects for part in message.walk()] == [[]] * len(list(message.walk()))
    assert [defect for value in message.values() for defect in value.defects] == []
    return message


def test_every_odd_name_arrives_whole_in_text_html_and_headers_and_nowhere_else():
    assert len(ODD_NAMES) > 400
    for name in ODD_NAMES:
        letter = ISSUE.fill(values(name))
        message = assert_travels(letter)
        assert body(message, "plain").startswith(f"Kære {in_body(name)},\n.dot\nFrom here\nEt meget langt"), name
        assert f'title="{html_module.escape(in_body(name))}">Kære {html_module.escape(in_body(name))},' in body(
            message, "html"
        ), name
        assert one_blank(str(message["Subject"])) == one_blank(printed(f"Til {name}: nyt om nettet")), name
        assert one_blank(shown_to(letter)) == one_blank(printed(name)), name
        assert message["To"].addresses[0].addr_spec == "reader@example.com"
        assert message["Bcc"] is None and len(message.get_all("Subject")) == 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_arrives_whole(name):
    letter = ISSUE.fill(values(name))
    message = assert_travels(letter)
    assert body(message, "plain").startswith(f"Kære {in_body(name)},\n")
    assert f"Kære {html_module.escape(in_body(name))},</p>" in body(message, "html")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("aF .=\n\t<é読rom"), max_size=90), max_size=6))
def test_pieces_of_quoted_printable_join_in_any_order(texts):
    import quopri

    joined = b"".join(map(quoted_printable, texts))
    assert quopri.decodestring(joined).decode().replace("\r\n", "\n") == "".join(texts)
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in joined.split(b"\r\n"))


def test_a_value_never_changes_another_readers_letter():
    before = ISSUE.fill(values())
    ISSUE.fill(values("Reader\r\nBcc: everybody@elsewhere.example"))
    assert ISSUE.fill(values()) == before


def test_the_headers_that_receivers_ask_for_are_there():
    message = parsed(ISSUE.fill(values()))
    assert message["Message-ID"] == "<q7@news.example.com>"
    assert message["Date"].datetime == MOMENT
    assert message["List-Unsubscribe"] == f"<{PAGE}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Content-Language"] == "da"
    assert message["From"].addresses[0].addr_spec == "nyt@xn--strmskifte-2cb.example"
    assert str(message["List-Id"]) == "Strømskifte nyt <nyt.news.example.com>"


def test_a_long_unsubscribe_address_is_never_broken_or_encoded():
    page = "https://news.example.com/mail/leave/" + "a1-_" * 40 + "?=?"
    letter = ISSUE.fill(values(leave=page))
    assert f"\r\nList-Unsubscribe:\r\n <{page}>\r\n".encode() in letter
    assert parsed(letter)["List-Unsubscribe"].strip() == f"<{page}>"


def test_personal_blocks_stand_in_the_chosen_order_in_both_parts():
    letter = ISSUE.fill(values(themes=["gas", "wind"]))
    assert f"GAS\nMere: {PAGE}\nVIND\nOm vind. \nAfmeld" in body(letter, "plain")
    assert body(letter, "html").index("<h2>Gas") < body(letter, "html").index("<h2>Vind")
    none = ISSUE.fill(values(themes=[]))
    assert "VIND" not in body(none, "plain") and "Afmeld" in body(none, "plain")
    assert_travels(letter)


def test_an_unknown_block_is_refused():
    with pytest.raises(LetterError, match="no block “nuclear”"):
        ISSUE.fill(values(themes=["nuclear"]))
    with pytest.raises(LetterError, match="as a list"):
        ISSUE.fill(values(themes="wind"))


def test_a_stored_letter_fills_as_the_fresh_one():
    again = FrozenLetter.from_bytes(ISSUE.to_bytes())
    assert again == ISSUE and again.fingerprint == ISSUE.fingerprint
    assert again.fill(values("Læser", themes=["gas"])) == ISSUE.fill(values("Læser", themes=["gas"]))


def test_the_same_content_has_the_same_fingerprint_and_any_change_another():
    assert issue().fingerprint == ISSUE.fingerprint
    assert issue(**{"Feedback-ID": "issue13:nyt:masthead"}).fingerprint != ISSUE.fingerprint


def test_the_order_in_which_blocks_and_slots_were_named_changes_nothing():
    kinds, blocks = {"a": Kind.TEXT, "b": Kind.TEXT}, {"x": Block("x", "x"), "y": Block("y", "y")}

    def frozen(kinds, blocks):
        slots = Slots(**dict(kinds))
        return freeze(SERVICE, slots["a"] + slots["b"], slots=slots, blocks=dict(blocks), lang="da").fingerprint

    assert frozen(kinds.items(), blocks.items()) == frozen(reversed(kinds.items()), reversed(blocks.items()))


@pytest.mark.parametrize("html", ["", '<html lang="da">'])
def test_a_part_that_ends_in_a_slot_still_ends_in_a_line_end(html):
    slots = Slots(name=Kind.TEXT)
    letter = freeze(SERVICE, slots["name"], html and html + slots["name"], slots=slots, lang="da").fill(
        {"name": "Læser"}
    )
    message = assert_travels(letter)
    assert body(message, "plain") == "Læser\n"
    assert not html or body(message, "html") == '<html lang="da">Læser\n'


@pytest.mark.parametrize(
    "wrong", [b"", b"{}", b"[]", b"\xff", b'{"format":"masthead letter 1"}', b'{"format":"other"}']
)
def test_bytes_that_are_no_letter_are_refused(wrong):
    with pytest.raises(LetterError):
        FrozenLetter.from_bytes(wrong)


def test_the_letter_tells_where_a_slot_is_used():
    assert ISSUE.uses("leave") == {"text", "html", "list-unsubscribe"}
    assert ISSUE.uses("to") == {"to"}


def test_a_missing_value_names_its_slot():
    with pytest.raises(LetterError, match="'leave' was given no value"):
        ISSUE.fill({name: value for name, value in values().items() if name != "leave"})


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("leave", "javascript:alert(1)"),
        ("leave", "/relative"),
        ("leave", None),
        ("token", "a\r\nBcc: x@example.com"),
        ("token", "<b>"),
        ("token", 7),
        ("name", None),
        ("to", "reader@example.com"),
        ("date", datetime(2026, 11, 3)),
        ("date", "today"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(slot, value):
    with pytest.raises(LetterError):
        ISSUE.fill(values(**{slot: value}))


def test_an_address_of_a_page_is_made_safe_in_every_place():
    letter = ISSUE.fill(values(leave="https://strømskifte.example/å b?x=1&y='\"><i>\r\nBcc: x"))
    safe = "https://xn--strmskifte-2cb.example/%C3%A5%20b?x=1&y=%27%22%3E%3Ci%3EBcc:%20x"
    assert f"Afmeld: {safe}\n" in body(letter, "plain")
    assert f'<a href="{safe.replace("&", "&amp;")}">' in body(letter, "html")
    assert parsed(letter)["List-Unsubscribe"].strip() == f"<{safe}>"


def test_a_reader_who_cannot_be_addressed_is_named_and_the_letter_is_not_at_fault():
    with pytest.raises(UndeliverableAddress, match="læser@example.com"):
        ISSUE.fill(values(to=Mailbox("", "læser@example.com")))
    with pytest.raises(BadAddress):
        ISSUE.fill(values(to=Mailbox("", "a@b.example>\r\nBcc: <c@d.example")))


def test_a_marker_damaged_on_its_way_is_noticed():
    slots = Slots(name=Kind.TEXT)
    with pytest.raises(LetterError, match="damaged"):
        freeze(SERVICE, slots["name"].replace("name", "na me"), slots=slots, lang="da")


def test_a_marker_of_another_letter_is_only_text():
    foreign = Slots(leave=Kind.URL)["leave"]
    letter = freeze(SERVICE, f"Look: {foreign}\n", slots=Slots(leave=Kind.URL), lang="da").fill({"leave": PAGE})
    assert body(letter, "plain") == f"Look: {foreign}\n"
    assert letter.find(PAGE.encode()) == -1


@pytest.mark.parametrize("gone", ["From", "To", "Subject", "Date", "Message-ID"])
def test_a_letter_without_a_needed_header_cannot_be_frozen(gone):
    with pytest.raises(LetterError, match=gone):
        freeze({name: value for name, value in SERVICE.items() if name != gone}, "x", lang="da")


@pytest.mark.parametrize(
    "extra",
    [
        {"Content-Type": "text/plain"},
        {"subject": "twice"},
        {"Bad name": "x"},
        {"X-Two:": "x"},
        {"Bcc": "x@example.com"},
        {"Feedback-ID": "nøgle"},
    ],
)
def test_a_header_that_would_break_the_letter_cannot_be_frozen(extra):
    with pytest.raises(LetterError):
        freeze({**SERVICE, **extra}, "x", lang="da")


def test_slots_cannot_stand_where_their_value_would_not_be_safe():
    slots = Slots(to=Kind.MAILBOX, blocks=Kind.BLOCKS, name=Kind.TEXT)
    with pytest.raises(LetterError, match="cannot stand"):
        freeze(SERVICE, slots["to"], slots=slots, lang="da")
    with pytest.raises(LetterError, match="cannot stand"):
        freeze({**SERVICE, "To": f"x <{slots['to']}>"}, "x", slots=slots, lang="da")
    with pytest.raises(LetterError, match="cannot stand"):
        freeze({**SERVICE, "To": f"{slots['name']} <a@example.com>"}, "x", slots=slots, lang="da")
    with pytest.raises(LetterError, match="cannot stand"):
        freeze(SERVICE, "x", slots=slots, blocks={"a": Block(slots["blocks"], "")}, lang="da")
    with pytest.raises(KeyError):
        slots["unknown"]


def test_an_html_part_must_say_its_language():
    with pytest.raises(LetterError, match="language"):
        freeze(SERVICE, "x", "<html><p>x</p></html>", lang="da")
    with pytest.raises(LetterError, match="language tag"):
        freeze(SERVICE, "x", lang="da\r\nX: y")


def test_a_service_mail_is_one_plain_part():
    letter = plain_letter(SERVICE, "Tryk på linket:\nhttps://example.com/c/1\n", lang="da")
    message = assert_travels(letter)
    assert message.get_content_type() == "text/plain"
    assert body(letter, "plain") == "Tryk på linket:\nhttps://example.com/c/1\n"
    assert message["To"].addresses[0].display_name == "Læser"


@pytest.mark.parametrize("name", NASTY)
def test_a_service_mail_bears_any_subject(name):
    message = assert_travels(plain_letter({**SERVICE, "Subject": name}, "x", lang="da"))
    assert one_blank(str(message["Subject"])) == one_blank(printed(name))


def test_several_recipients_are_folded_between_addresses():
    to = [Mailbox(f"Læser nummer {n}, redaktionen", f"reader{n}@example.com") for n in range(5)]
    message = assert_travels(plain_letter({**SERVICE, "To": to}, "x", lang="da"))
    assert [(one.display_name, one.addr_spec) for one in message["To"].addresses] == [tuple(one) for one in to]
