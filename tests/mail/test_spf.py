"""SPF is judged as a receiver judges it (RFC 7208)."""

import pytest

from masthead.mail.spf import SpfResult, check
from tests.mail.names import SILENT, ToldNames

SENDER = "news@title.example"
OURS = "198.51.100.7"


def told(record, **more):
    names = ToldNames({(name.replace("__", "."), kind): said for name, (kind, said) in more.items()})
    return names.txt("title.example", record)


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:198.51.100.7 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.101.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.101.0/24 ~all", "softfail"),
        ("v=spf1 ip4:198.51.101.0/24 ?all", "neutral"),
        ("v=spf1 ip4:198.51.101.0/24", "neutral"),
        ("v=spf1 -ip4:198.51.100.7 +all", "fail"),
        ("V=SPF1 IP4:198.51.100.7 -ALL", "pass"),
        ("v=spf1", "neutral"),
        ("v=spf10 ip4:198.51.100.7", "none"),
        ("v=spf1 unknown=thing ip4:198.51.100.7", "pass"),
        ("v=spf1 ipv4:198.51.100.7", "permerror"),
        ("v=spf1 ip4:198.51.100.700", "permerror"),
        ("v=spf1 ip4:2001:db8::1", "permerror"),
        ("v=spf1 ip4", "permerror"),
        ("v=spf1 include: -all", "permerror"),
        ("v=spf1 a:/33/44 -all", "permerror"),
        ("v=spf1 exists:%{q}.title.example -all", "permerror"),
    ],
)
def test_one_record(record, result):
    assert check(told(record), OURS, SENDER).result == result


def test_names_are_followed_for_a_and_mx_with_their_prefix():
    names = told("v=spf1 a/24 mx:post.example -all")
    names.records["title.example", "A"] = ["198.51.100.200"]
    assert check(names, OURS, SENDER).result == "pass"
    names = told("v=spf1 a mx:post.example -all")
    names.records |= {
        ("title.example", "A"): ["203.0.113.1"],
        ("post.example", "MX"): ["10 one.post.example", "20 two.post.example"],
        ("one.post.example", "A"): ["203.0.113.2"],
        ("two.post.example", "A"): [OURS],
    }
    assert (check(names, OURS, SENDER).result, check(names, OURS, SENDER).lookups) == ("pass", 2)


def test_an_ipv6_address_is_looked_for_among_ipv6_records():
    names = told("v=spf1 a ip6:2001:db8:5::/48 -all")
    names.records["title.example", "A"] = [OURS]
    names.records["title.example", "AAAA"] = ["2001:db8:9::1"]
    assert check(names, "2001:db8:5::25", SENDER).result == "pass"
    assert check(names, "2001:db8:9::1", SENDER).result == "pass"
    assert check(names, "2001:db8:7::1", SENDER).result == "fail"


def test_an_include_passes_on_a_pass_only():
    names = told("v=spf1 include:provider.example ~all").txt("provider.example", "v=spf1 ip4:198.51.100.0/24 -all")
    assert check(names, OURS, SENDER).result == "pass"
    assert check(names, "203.0.113.1", SENDER).result == "softfail"


def test_an_include_of_nothing_breaks_the_record():
    assert check(told("v=spf1 include:gone.example -all"), OURS, SENDER).result == "permerror"


def test_a_redirect_gives_its_own_answer_and_is_not_followed_after_all():
    names = told("v=spf1 redirect=other.example").txt("other.example", "v=spf1 ip4:198.51.100.7 -all")
    assert check(names, OURS, SENDER).result == "pass"
    names.txt("title.example", "v=spf1 redirect=other.example -all")
    assert check(names, OURS, SENDER).result == "fail"
    assert check(told("v=spf1 redirect=gone.example"), OURS, SENDER).result == "permerror"


def test_eleven_lookups_break_the_record_and_ten_do_not():
    names = ToldNames()
    for n in range(12):
        names.txt(f"n{n}.example", "v=spf1 ip4:203.0.113.9 -all")
    names.txt("title.example", "v=spf1 " + " ".join(f"include:n{n}.example" for n in range(10)) + " -all")
    assert check(names, OURS, SENDER).result == "fail"
    assert check(names, OURS, SENDER).lookups == 10
    names.txt("title.example", "v=spf1 " + " ".join(f"include:n{n}.example" for n in range(11)) + " -all")
    found = check(names, OURS, SENDER)
    assert found.result == "permerror"
    assert "10 look-ups" in found.why


def test_a_record_that_includes_itself_ends_at_the_limit():
    assert check(told("v=spf1 include:title.example -all"), OURS, SENDER).result == "permerror"


def test_three_names_that_lead_to_nothing_break_the_record():
    assert check(told("v=spf1 a:x.example a:y.example -all"), OURS, SENDER).result == "fail"
    found = check(told("v=spf1 a:x.example a:y.example a:z.example -all"), OURS, SENDER)
    assert found.result == "permerror"
    assert "z.example" in found.why


def test_two_records_break_each_other_and_other_texts_do_not_matter():
    names = ToldNames().txt("title.example", "site-verification=1", "v=spf1 ip4:198.51.100.7 -all")
    assert check(names, OURS, SENDER).result == "pass"
    names.txt("title.example", "v=spf1 ip4:198.51.100.7 -all", "v=spf1 -all")
    assert "2 SPF records" in check(names, OURS, SENDER).why


def test_macros_are_filled_in():
    names = told("v=spf1 exists:%{ir}.%{l}.%{d2}._spf.%{o} -all")
    names.records["7.100.51.198.news.title.example._spf.title.example", "A"] = ["127.0.0.2"]
    assert check(names, OURS, SENDER).result == "pass"
    assert check(names, "198.51.100.8", SENDER).result == "fail"


def test_a_name_server_that_says_nothing_proves_nothing():
    names = told("v=spf1 include:slow.example -all")
    names.records["slow.example", "TXT"] = SILENT
    assert check(names, OURS, SENDER).result is SpfResult.TEMPERROR


def test_without_an_address_the_whole_record_is_walked():
    names = told("v=spf1 ip4:198.51.100.7 a include:broken.example -all").txt("broken.example", "v=spf1 nonsense")
    names.records["title.example", "A"] = [OURS]
    assert check(names, OURS, SENDER).result == "pass"
    assert check(names, "", SENDER).result == "permerror"
