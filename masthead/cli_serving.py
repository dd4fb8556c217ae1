"""Serving: the web processes and the clock beside them, started and stopped together."""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess

PR_SET_PDEATHSIG = 1  # linux/prctl.h
STOPS = (signal.SIGTERM, signal.SIGINT)


def serve(address: str, port: int, processes: int, clock: bool) -> None:
    """Serve the site this process has entered until told to stop (SIGTERM, SIGINT); all ends within 30 seconds then."""
    from granian import Granian

    server = Granian(
        "masthead.rsgi:application",
        address=address,
        port=port,
        interface="rsgi",
        workers=processes,
        backpressure=8192,  # requests a process has in hand: those for Django are bounded by press.receiving
        respawn_failed_workers=True,
        log_access=False,
        websockets=False,
        workers_kill_timeout=10,
    )
    load()
    _let_the_forked_end_at_once()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # until Granian listens: or we would end and leave the clock behind
    beside = start_clock() if clock else None
    server.on_startup(partial(_listen_to_stops, beside))
    try:
        server.serve()
    finally:
        if beside:
            beside.terminate()
            beside.join(16)
            beside.kill()


def _listen_to_stops(beside: BaseProcess | None) -> None:
    """Hear what waited since before the clock was started; from now on the clock is told as soon as Granian is."""
    if beside:
        for number in STOPS:
            signal.signal(number, partial(_stop_both, beside, signal.getsignal(number)))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def _stop_both(beside: BaseProcess, granian: Callable[..., None], *said) -> None:
    beside.terminate()
    granian(*said)


def _let_the_forked_end_at_once() -> None:
    """Let a process forked from this one end when it is told to before it has set up how it stops, and end with us.

    It would inherit Granian's way, a mark in its copy of our memory that nobody looks at: a web process told to stop
    while it loads went on for ever. Signals wait from before the fork until that is settled, so none is lost.
    """
    before: list = []  # what each fork under way began as: whose it is, and what was blocked

    def begin() -> None:
        before.append((os.getpid(), signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)))

    def settle() -> None:
        _end_with(before.pop()[0])
        for number in STOPS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def go_on() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before.pop()[1])

    os.register_at_fork(before=begin, after_in_parent=go_on, after_in_child=settle)


def _end_with(parent: int) -> None:
    """Let the system tell this process to stop when its parent is gone: killed, it would leave the port taken."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)  # it was gone before we asked


def load() -> None:
    """Load the code and make a first front page, once: clock and web processes begin as copies that have it in memory.

    What was loaded is no garbage, and is never looked at as such: looking at it would copy the memory for each of them.
    """
    import django
    from django.db import connections

    django.setup()
    from wagtail.models import Site

    from masthead.press.opening import print_front_page

    site = Site.objects.order_by("-is_default_site", "pk").first()
    if site:
        print_front_page(site)
    connections.close_all()  # no connection may be used by both
    gc.freeze()


def start_clock() -> BaseProcess:
    """Start the clock as a copy of this process: it runs at once."""
    from masthead import worker

    clock = multiprocessing.get_context("fork").Process(target=worker.work, name="clock")
    clock.start()
    return clock
