"""The mail doctor says of each thing whether it is well, and what to do, in one sentence."""

import base64
from dataclasses import replace

import pytest

from masthead.mail.doctoring import Light, Patient, examine, worst
from masthead.mail.smtp import Server, ServerGone, Tls, TlsRefused
from tests.mail.names import SILENT, ToldNames
from tests.mail.server import ScriptedServer

OURS, ANOTHER = "198.51.100.7", "203.0.113.5"
HEADERS = {
    "list-unsubscribe": "<https://kabel.example.com/mail/stop/abc/>, <mailto:news@kabel.example.com>",
    "list-unsubscribe-post": "List-Unsubscribe=One-Click",
}
WELL = Patient(
    sender="news@kabel.example.com",
    return_path="b@kabel.example.com",
    headers=HEADERS,
    root="https://kabel.example.com",
    keys=(("news", "kabel.example.com"),),
    addresses=(OURS,),
    reads_returns=True,
)


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content


def rsa(bits, bare=False):
    """A public key of that many bits, as the DER of RFC 5280 or (bare) of RFC 8017, in base 64."""
    modulus = b"\0" + (1 << bits - 1 | 1).to_bytes(bits // 8, "big")
    key = der(0x30, der(0x02, modulus) + der(0x02, b"\x01\x00\x01"))
    if not bare:
        algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
        key = der(0x30, algorithm + der(0x03, b"\0" + key))
    return base64.b64encode(key).decode()


def names(**more):
    told = ToldNames(
        {
            ("kabel.example.com", "TXT"): [f"v=spf1 ip4:{OURS} -all"],
            ("news._domainkey.kabel.example.com", "TXT"): [f"v=DKIM1; k=rsa; p={rsa(2048)}"],
            ("_dmarc.kabel.example.com", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@kabel.example.com"],
            ("kabel.example.com", "MX"): ["10 mail.kabel.example.com"],
            (OURS, "PTR"): ["mail.kabel.example.com"],
            ("mail.kabel.example.com", "A"): [OURS],
        }
    )
    for (name, kind), said in more.pop("records", {}).items():
        told.records[name, kind] = said
    return told


def lights(patient, told, check):
    return [(f.light.value, str(f)) for f in examine(patient, told) if f.check == check]


def one(patient, told, check):
    (found,) = lights(patient, told, check)
    return found


def test_a_house_in_order_is_green():
    found = examine(WELL, names())
    assert [(f.check, str(f)) for f in found if f.light is not Light.GREEN] == []
    assert worst(found) is Light.GREEN
    assert {f.check for f in found} == {"sender", "spf", "dkim", "dmarc", "ptr", "bounces", "one-click"}


def test_a_house_without_any_records_is_told_what_to_publish():
    found = {f.check: f for f in examine(WELL, ToldNames())}
    assert {check: f.light.value for check, f in found.items()} == {
        "sender": "green",
        "spf": "red",
        "dkim": "red",
        "dmarc": "red",
        "ptr": "red",
        "bounces": "red",
        "one-click": "green",
    }
    assert "SPF record" in str(found["spf"])
    assert "news._domainkey.kabel.example.com" in str(found["dkim"])
    assert "_dmarc.kabel.example.com" in str(found["dmarc"])


@pytest.mark.parametrize("domain", ["localhost", "localhost.localdomain", "title.test", "intranet", ""])
def test_a_sender_that_is_nowhere_on_the_internet_is_red_and_nobody_is_asked_about_it(domain):
    told = ToldNames()
    patient = replace(WELL, sender=f"news@{domain}", return_path=f"news@{domain}", keys=(), addresses=())
    assert one(patient, told, "sender")[0] == "red"
    assert told.asked == []


def test_silent_name_servers_are_yellow_and_held_against_nobody():
    told = names(records={("_dmarc.kabel.example.com", "TXT"): SILENT, ("kabel.example.com", "TXT"): SILENT})
    assert one(WELL, told, "spf")[0] == "yellow"
    assert one(WELL, told, "dmarc")[0] == "yellow"
    assert worst(examine(WELL, told)) is Light.YELLOW


# SPF


def test_an_address_that_spf_does_not_name_is_red_if_it_was_named_to_us_and_yellow_if_we_guessed_it():
    patient = replace(WELL, addresses=(OURS, ANOTHER))
    told = names(records={(ANOTHER, "PTR"): ["x.example.com"], ("x.example.com", "A"): [ANOTHER]})
    assert [light for light, _ in lights(patient, told, "spf")] == ["green", "red"]
    assert [light for light, _ in lights(replace(patient, is_guess=True), told, "spf")] == ["green", "yellow"]


def test_a_broken_spf_record_is_red_even_if_our_address_stands_before_the_fault():
    told = names(records={("kabel.example.com", "TXT"): [f"v=spf1 ip4:{OURS} include:gone.example.com -all"]})
    light, said = one(WELL, told, "spf")
    assert (light, "gone.example.com" in said) == ("red", True)


def test_without_an_address_spf_is_not_proved():
    assert one(replace(WELL, addresses=()), names(), "spf")[0] == "yellow"
    assert one(replace(WELL, addresses=()), names(), "ptr")[0] == "yellow"


# DKIM


@pytest.mark.parametrize(
    ("record", "light", "word"),
    [
        (f"v=DKIM1; k=rsa; p={rsa(2048)}", "green", "published"),
        (f"p={rsa(4096)}", "green", "published"),
        (f"v=DKIM1; p={rsa(2048, bare=True)}", "green", "published"),
        (f"v=DKIM1; p={rsa(1024)}", "yellow", "1024"),
        (f"v=DKIM1; p={rsa(768)}", "red", "768"),
        ("v=DKIM1; p=", "red", "revoked"),
        ("v=DKIM1; k=rsa", "red", "not one DKIM key"),
        (f"v=DKIM2; p={rsa(2048)}", "red", "not one DKIM key"),
        (f"v=DKIM1; p={rsa(2048)[:-40]}", "red", "not one DKIM key"),
        ("v=DKIM1; p=nonsense!", "red", "not one DKIM key"),
        ("v=DKIM1; p=AA==", "red", "not one DKIM key"),
        (f"v=DKIM1; t=y:s; p={rsa(2048)}", "yellow", "t=y"),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "yellow", "not RSA"),
    ],
)
def test_a_key(record, light, word):
    told = names(records={("news._domainkey.kabel.example.com", "TXT"): [record]})
    found, said = one(WELL, told, "dkim")
    assert (found, word in said) == (light, True), said


def test_a_key_published_twice_is_no_key():
    told = names(records={("news._domainkey.kabel.example.com", "TXT"): [f"p={rsa(2048)}", f"p={rsa(2048)}"]})
    assert one(WELL, told, "dkim")[0] == "red"


def test_who_names_no_selector_is_told_where_to_name_it():
    light, said = one(replace(WELL, keys=()), names(), "dkim")
    assert (light, "dkim_selectors" in said) == ("red", True)


# DMARC


@pytest.mark.parametrize(
    ("record", "light"),
    [
        ("v=DMARC1; p=reject", "green"),
        ("v=DMARC1;p=quarantine", "green"),
        ("v=DMARC1; p=none", "yellow"),
        ("v=DMARC1; p=banana", "red"),
        ("v=DMARC1", "yellow"),
        ("v=DMARC2; p=reject", "red"),
    ],
)
def test_a_policy(record, light):
    told = names(records={("_dmarc.kabel.example.com", "TXT"): [record]})
    assert lights(WELL, told, "dmarc")[0][0] == light


def test_the_record_of_the_domain_above_speaks_for_a_sender_below_with_its_sp():
    told = names(records={("_dmarc.kabel.example.com", "TXT"): []})
    told.txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=none")
    light, said = lights(WELL, told, "dmarc")[0]
    assert (light, "example.com" in said) == ("yellow", True)


def test_a_signature_of_another_domain_does_not_speak_for_ours():
    told = names().txt("s1._domainkey.provider.example.net", f"p={rsa(2048)}")
    patient = replace(WELL, keys=(("s1", "provider.example.net"),), return_path="b@kabel.example.com")
    assert lights(patient, told, "dmarc")[1][0] == "yellow"  # the return path still does
    patient = replace(patient, return_path="b@bounces.example.net")
    light, said = lights(patient, told, "dmarc")[1]
    assert (light, "bounces.example.net" in said) == ("red", True)


def test_a_domain_of_the_same_organisation_is_aligned_unless_the_record_is_strict():
    told = names().txt("_dmarc.example.com", "v=DMARC1; p=reject")
    told.txt("news._domainkey.mail.example.com", f"p={rsa(2048)}")
    patient = replace(WELL, keys=(("news", "mail.example.com"),), return_path="b@elsewhere.example.net")
    assert lights(patient, told, "dmarc")[1][0] == "green"
    told.txt("_dmarc.kabel.example.com", "v=DMARC1; p=reject; adkim=s")
    assert lights(patient, told, "dmarc")[1][0] == "red"


def test_a_public_suffix_is_nobodys_organisation():
    told = names().txt("_dmarc.example.com", "v=DMARC1; p=reject; psd=y")
    told.txt("news._domainkey.rival.example.com", f"p={rsa(2048)}")
    patient = replace(WELL, keys=(("news", "rival.example.com"),), return_path="b@rival.example.com")
    assert lights(patient, told, "dmarc")[1][0] == "red"


# The name of the outgoing address


def test_an_address_without_a_name_or_with_one_that_does_not_lead_back_is_red():
    assert one(WELL, names(records={(OURS, "PTR"): []}), "ptr")[0] == "red"
    light, said = one(WELL, names(records={("mail.kabel.example.com", "A"): [ANOTHER]}), "ptr")
    assert (light, "mail.kabel.example.com" in said) == ("red", True)


def test_an_ipv6_address_is_confirmed_in_whatever_form_it_is_written():
    told = names(records={("2001:db8:0::7", "PTR"): ["six.example.com"], ("six.example.com", "AAAA"): ["2001:db8::7"]})
    assert one(replace(WELL, addresses=("2001:DB8:0::7",)), told, "ptr")[0] == "green"


# TLS to the mail server


def line(**more):
    """A connection that was never opened over a wire."""

    class Line:
        def __init__(self, server):
            self.extensions = dict.fromkeys(more.get("extensions", ()), "")

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def open(self):
            if "error" in more:
                raise more["error"]

    return Line


@pytest.mark.parametrize(
    ("server", "more", "light", "word"),
    [
        (Server("mail.example.com", 587, tls=Tls.STARTTLS), {}, "green", "certificate"),
        (Server("mail.example.com", 587, tls=Tls.NONE), {"extensions": ["STARTTLS"]}, "red", "starttls"),
        (Server("mail.example.com", 25, tls=Tls.NONE), {}, "red", "in the clear"),
        (Server("192.168.1.9", 25, tls=Tls.NONE), {}, "yellow", "in the clear"),
        (Server("postfix", 25, tls=Tls.NONE), {}, "yellow", "in the clear"),
        (Server("127.0.0.1", 25, tls=Tls.NONE), {"extensions": ["STARTTLS"]}, "green", "this machine"),
        (Server("mail.example.com", 587), {"error": TlsRefused("No TLS: expired.")}, "red", "expired"),
        (
            Server("127.0.0.1", 25, tls=Tls.NONE),
            {"error": ServerGone("127.0.0.1:25 does not answer.")},
            "red",
            "does not answer",
        ),
    ],
)
def test_the_line_to_the_mail_server(server, more, light, word):
    found = [f for f in examine(replace(WELL, server=server), names(), line(**more)) if f.check == "tls"]
    assert ([f.light.value for f in found], word in str(found[0])) == ([light], True), str(found[0])


@pytest.mark.smtp
def test_a_real_line_is_opened_and_left_politely():
    with ScriptedServer(extensions=("STARTTLS",)) as server:
        patient = replace(WELL, server=Server("127.0.0.1", server.port, tls=Tls.NONE))
        assert [f.light.value for f in examine(patient, names()) if f.check == "tls"] == ["green"]
    assert server.said[-1] == "QUIT"


# What comes back, and the way out


def test_a_return_path_that_takes_no_mail_is_red_and_one_that_nobody_reads_yellow():
    assert one(WELL, names(records={("kabel.example.com", "MX"): ["0 ."]}), "bounces")[0] == "red"
    assert one(WELL, names(records={("kabel.example.com", "MX"): []}), "bounces")[0] == "red"
    by_address = names(records={("kabel.example.com", "MX"): [], ("kabel.example.com", "A"): [OURS]})
    assert one(WELL, by_address, "bounces")[0] == "green"
    assert one(replace(WELL, reads_returns=False), names(), "bounces")[0] == "yellow"


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({}, WELL.root),
        ({"list-unsubscribe-post": ""}, WELL.root),
        ({"list-unsubscribe": "<http://kabel.example.com/mail/stop/abc/>"}, WELL.root),
        ({"list-unsubscribe": "<mailto:news@kabel.example.com>"}, WELL.root),
        ({"list-unsubscribe": "<https://localhost/mail/stop/abc/>"}, "https://localhost"),
        ({"list-unsubscribe": "<https://127.0.0.1:8000/mail/stop/abc/>"}, "https://127.0.0.1:8000"),
    ],
)
def test_a_letter_readers_cannot_leave_with_one_click_is_red(headers, root):
    patient = replace(WELL, headers={**HEADERS, **headers} if headers else {}, root=root)
    assert one(patient, names(), "one-click")[0] == "red"


# By a provider's interface


def test_of_a_provider_only_what_is_ours_is_looked_at():
    patient = replace(WELL, provider="Postmark", addresses=(), return_path="b@pm.example.net")
    found = examine(patient, names())
    assert {f.check for f in found} == {"sender", "dkim", "dmarc", "bounces", "one-click"}
    assert worst(found) is Light.GREEN
    assert one(replace(patient, reads_returns=False), names(), "bounces")[0] == "red"
    unsigned = replace(patient, keys=(("s1", "pm.example.net"),))
    told = names().txt("s1._domainkey.pm.example.net", f"p={rsa(2048)}")
    assert lights(unsigned, told, "dmarc")[1][0] == "red"
