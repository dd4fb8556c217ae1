"""How fast letters may leave is kept by all processes together, to the letter."""

import pytest

from masthead.newsletters import carrying, pacing, planning, sending
from masthead.newsletters.models import Issue, Pace
from tests.mailroom import reader, ready

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that goes on only where somebody sleeps."""

    def __init__(self, monkeypatch):
        self.now = 1_000_000.0
        for module in (pacing, carrying, sending):
            monkeypatch.setattr(module.time, "time", lambda: self.now)
            monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
            monkeypatch.setattr(module.time, "sleep", self.sleep)

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def left(post, clock):
    """When each letter left, by address."""
    moments = {}
    post.before_each = lambda envelope: moments.__setitem__(envelope.recipient, clock.now)
    return moments


def limit(settings, **options):
    settings.MASTHEAD = settings.MASTHEAD | options


def rate(moments) -> float:
    return (len(moments) - 1) / (max(moments) - min(moments))


def test_letters_a_second_are_kept_to_a_twentieth(title, letter, left, settings):
    limit(settings, mail_per_second=20)
    for n in range(120):
        reader(title, f"laeser{n}@example.org")
    sending.send(ready(letter))
    assert len(left) == 120
    assert rate(left.values()) == pytest.approx(20, rel=0.05)


def test_two_processes_share_one_limit(clock):
    rates, taken = {pacing.ALL: 100.0}, []
    while len(taken) < 2000:
        for _process in range(2):
            gates = pacing.Gates(rates)
            if not gates.wait(pacing.ALL):
                taken += [clock.now + moment for moment in gates.take(pacing.ALL, 50)]
                gates.keep()
        clock.sleep(0.05)
    taken.sort()
    assert rate(taken) == pytest.approx(100, rel=0.05)
    busiest = max(sum(start <= moment < start + 1 for moment in taken) for start in taken[::100])
    assert busiest <= 126, "a second's letters and the quarter that may be caught up with"


def test_a_domain_with_a_limit_waits_and_the_others_do_not(title, letter, left, settings, monkeypatch):
    monkeypatch.setattr(planning, "WINDOW", 10)
    limit(settings, mail_per_domain=["slow.example=5"])
    for n in range(40):
        reader(title, f"a{n}@slow.example")
        reader(title, f"b{n}@example.org")
    issue = ready(letter)
    assert set(issue.chunks.values_list("domain", flat=True)) == {"", "slow.example"}
    sending.send(issue)
    slow = [moment for address, moment in left.items() if address.endswith("@slow.example")]
    quick = [moment for address, moment in left.items() if address.endswith("@example.org")]
    assert len(slow) == len(quick) == 40
    assert rate(slow) == pytest.approx(5, rel=0.05)
    assert max(quick) - min(quick) < 3


def test_a_clock_that_was_put_back_does_not_stop_the_mail(clock):
    Pace.objects.create(key=pacing.ALL, next_at=clock.now + 3600)
    assert pacing.Gates({}).wait(pacing.ALL) == 0


def test_a_server_that_is_gone_is_asked_again_later_each_time_and_by_nobody_sooner(clock):
    waits = []
    for _n in range(4):
        pacing.hold_back(pacing.ALL)
        pacing.hold_back(pacing.ALL)  # another line hears the same
        waits.append(pacing.Gates({}).wait(pacing.ALL))
        clock.sleep(waits[-1] + pacing.AHEAD + 0.01)
    assert waits == pytest.approx([1, 2, 4, 8])
    pacing.go_on([pacing.ALL])
    pacing.hold_back(pacing.ALL)
    assert pacing.Gates({}).wait(pacing.ALL) == pytest.approx(1)


def test_a_server_that_puts_off_every_letter_is_left_alone_for_a_while(title, letter, post, clock):
    for n in range(20):
        reader(title, f"laeser{n}@example.org")
        post.replies[f"laeser{n}@example.org"] = "4"
    sending.send(ready(letter))
    assert Pace.objects.get(key=pacing.ALL).strikes == 1
    assert Issue.objects.get().books()["deferred"] == 20


def test_a_limit_that_is_no_number_is_refused_in_one_sentence(settings):
    limit(settings, mail_per_domain=["example.com:5"])
    with pytest.raises(Exception, match="example.com=5"):
        pacing.limits()
