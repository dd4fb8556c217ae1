"""Which addresses are taken at sign-up, how they travel, and when two are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masthead.mail.addresses import BadAddress, UndeliverableAddress, check_address, normalise, wire_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("desk@example.com", "desk@example.com"),
        (" \u200bDesk@EXAMPLE.com\u00a0", "Desk@example.com"),
        ("first.last+tag@mail.example.co.uk", "first.last+tag@mail.example.co.uk"),
        ("desk@Bücher.Example", "desk@bücher.example"),
        ("desk@xn--bcher-kva.example", "desk@xn--bcher-kva.example"),
        ('"john..doe"@example.com', '"john..doe"@example.com'),
        ('"with blank @ and \\" quote"@example.com', '"with blank @ and \\" quote"@example.com'),
        ("o'desk!#$%&*/=?^_`{|}~-@example.com", "o'desk!#$%&*/=?^_`{|}~-@example.com"),
        ("1@2.example", "1@2.example"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_that_works_is_kept_as_typed_but_tidy(typed, kept):
    assert check_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("desk", "parts"),
        ("@example.com", "parts"),
        ("desk@", "parts"),
        ("desk@example.com\r\nBcc: x@example.com", "control"),
        ("desk@example.com\n", "control"),
        ("de\u2028sk@example.com", "control"),
        ("de\x00sk@example.com", "control"),
        ("de\ud800sk@example.com", "control"),
        ("The Desk <desk@example.com>", "space"),
        ("desk @example.com", "space"),
        ("desk@exam ple.com", "space"),
        ("a@b@example.com", "local"),
        (".desk@example.com", "local"),
        ("de..sk@example.com", "local"),
        ("desk.@example.com", "local"),
        ('""@example.com', "local"),
        ('de"sk@example.com', "local"),
        ("a,b@example.com", "local"),
        ("desk@localhost", "domain"),
        ("desk@example.com.", "domain"),
        ("desk@-example.com", "domain"),
        ("desk@exam_ple.com", "domain"),
        ("desk@example..com", "domain"),
        ("desk@192.0.2.1", "domain"),
        ("desk@[192.0.2.1]", "domain"),
        ("desk@\u202eexample.com", "domain"),
        ("desk@" + "a" * 64 + ".com", "domain"),
        ("a" * 65 + "@example.com", "long"),
        ("a" * 60 + "@" + ("b" * 50 + ".") * 4 + "com", "long"),
        ("læser@example.com", "smtputf8"),
    ],
)
def test_an_address_that_cannot_work_is_refused_in_one_sentence(typed, code):
    with pytest.raises(BadAddress) as refused:
        check_address(typed)
    assert refused.value.code == code
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_letters_beyond_ascii_before_the_at_pass_where_the_path_carries_them():
    assert check_address("læser@example.com", smtputf8=True) == "læser@example.com"
    assert wire_address("læser@bücher.example", smtputf8=True) == "læser@xn--bcher-kva.example"
    with pytest.raises(UndeliverableAddress):
        wire_address("læser@example.com")


@pytest.mark.parametrize(
    "same",
    [
        ["Desk@Example.com", "desk@example.com", " desk@EXAMPLE.COM "],
        ["desk@bücher.example", "DESK@BÜCHER.example", "desk@xn--bcher-kva.example", "desk@XN--BCHER-KVA.EXAMPLE"],
        ["desk@bu\u0308cher.example", "desk@b\u00fccher.example"],
        ['"desk"@example.com', "desk@example.com"],
        ['"de\\sk"@example.com', "desk@example.com"],
        ["LÆSER@example.com", "læser@example.com"],
    ],
)
def test_spellings_of_one_mailbox_are_one(same):
    assert len({normalise(address) for address in same}) == 1


def test_dots_and_tags_stay_different():
    assert len({normalise(f"{local}@example.com") for local in ("ab", "a.b", "ab+x")}) == 3


@given(st.text(min_size=1, max_size=20), st.sampled_from(["example.com", "Bücher.example", "пример.example"]))
def test_normalising_twice_changes_nothing(local, domain):
    try:
        once = normalise(f"{local}@{domain}")
    except BadAddress:
        return
    assert normalise(once) == once


@given(st.text(max_size=30))
def test_what_sign_up_accepts_can_be_normalised_and_sent_to(typed):
    try:
        kept = check_address(typed)
    except BadAddress:
        return
    assert check_address(kept) == kept
    assert wire_address(kept).isascii() and normalise(kept).isascii()


@pytest.mark.parametrize(
    "wrong", ["a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "a@b.example> SIZE=1", "a@b c"]
)
def test_nothing_breaks_out_of_the_envelope(wrong):
    with pytest.raises(BadAddress):
        wire_address(wrong)


def test_the_wire_takes_what_old_records_hold():
    assert wire_address("de..sk.@mail_host") == "de..sk.@mail_host"
    assert wire_address("desk@[192.0.2.1]") == "desk@[192.0.2.1]"
