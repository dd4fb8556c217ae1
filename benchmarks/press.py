"""How fast printed pages are sent, and how right they are, beside what else could send the same bytes.

    python -m benchmarks.press                     # everything, about seven minutes
    python -m benchmarks.press --only kept uncached
    python -m benchmarks.press --quick             # a smoke test: the figures mean nothing

Needs Debian's wrk and nginx. A demo title with 300 more articles is served as `masthead serve --processes 2` serves it.
Beside it, in the same sitting and on the same cores, rounds interleaved: Debian's nginx with the same bytes as a file,
once with nothing but its own headers (217 bytes, ours are 776) and once with ours; nginx with the printed file where
the press put it; an application under Granian that sends the same bytes and headers from memory; and plain Wagtail
(benchmarks/plain) under Granian. `wrk -t1 -c32 -d8s`; median of three (least to most).
What counts are the ratios: the load generator shares the cores.

    kept        a kept article, by all of them
    uncached    article and front page rendered each time, one connection: as for somebody with a log-in's cookie, whom
                no printed page is sent (parts that pages share stand ready); with no press at all; and plain Wagtail
    meanwhile   a kept article of one process while two editors ask for pages that are made for them; beside it the same
                press behind one WSGI thread, which does one thing at a time
    random      200 addresses in random order, without and with one publication a second; eight readers look at what
                is published in both cases, and stale reads are counted
    visible     from the publication's return until each output shows it, on every connection of every process; and
                from when it is unpublished until it is gone
    weight      an article page without its pictures; memory of all processes while serving; start to first page
"""

import argparse
import contextlib
import gzip
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.press_rig import ROOT, Bench, Rate, fetch
from benchmarks.press_watch import State, Watch, publishing

PARTS = ("kept", "uncached", "meanwhile", "random", "visible", "weight")
ARTICLE = "/artikler/kabelkoeen-saadan-venter-man-paa-plads-i-elnettet/"
EDITORS = 'wrk.headers["Cookie"] = "desk=nobodys"'  # passes by the printed pages


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="masthead-press-") as scratch:
        bench = Bench(
            Path(scratch), options.seconds if not options.quick else 1, 1 if options.quick else options.rounds
        )
        bench.build()
        for part in options.only:
            print(f"\n{part}", flush=True)
            for line in _MEASURES[part](bench):
                print(f"  {line}", flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=list(PARTS), metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


# What is measured


def kept(bench: Bench) -> Iterator[str]:
    with bench.masthead(), contextlib.ExitStack() as others:
        printed = _printed(bench)
        body, headers = fetch(bench.port, ARTICLE)
        if printed.read_bytes() != body:
            sys.exit("The printed file is not what is sent.")
        same = bench.folder / "same"
        (same / ARTICLE.strip("/")).mkdir(parents=True)
        (same / ARTICLE.strip("/") / "index.html").write_bytes(body)
        ports = {
            "the same bytes from memory, Granian": others.enter_context(bench.memory(body, headers)),
            "the same bytes as a file, nginx": others.enter_context(bench.nginx(same)),
            "the same bytes and headers, nginx": others.enter_context(bench.nginx(same, _not_nginxs_own(headers))),
            "the printed file, nginx as we set it up": others.enter_context(bench.nginx()),
        }
        plain = others.enter_context(bench.plain())
        cases: dict[str, Callable[[], Rate]] = {
            "a kept article, Granian": lambda: bench.wrk(f"http://127.0.0.1:{bench.port}{ARTICLE}")
        }
        for name, port in ports.items():
            cases[name] = lambda port=port: bench.wrk(f"http://127.0.0.1:{port}{ARTICLE}")
        cases["an article of plain Wagtail, Granian"] = lambda: bench.wrk(f"http://127.0.0.1:{plain}/article-7/")
        seen = bench.rates(cases)
    yield f"{len(body):,} bytes"
    yield from _lines(seen)
    yield _ratio("kept article : from memory", seen, "a kept article, Granian", "the same bytes from memory, Granian")
    yield _ratio(
        "printed file : nginx static",
        seen,
        "the printed file, nginx as we set it up",
        "the same bytes as a file, nginx",
    )
    yield _ratio(
        "printed file : nginx static, same headers",
        seen,
        "the printed file, nginx as we set it up",
        "the same bytes and headers, nginx",
    )
    yield _ratio(
        "kept article : plain Wagtail", seen, "a kept article, Granian", "an article of plain Wagtail, Granian"
    )


def _not_nginxs_own(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers nginx does not make by itself from a file."""
    own = ("content-type", "content-length", "etag", "last-modified", "accept-ranges")
    return [(name, value) for name, value in headers if name.lower() not in own]


def _printed(bench: Bench) -> Path:
    """The article's file, once it is printed to stay: just after the start there is still something to recall."""
    for _n in range(100):
        fetch(bench.port, ARTICLE)
        found = list((bench.site / "data/printed/now").glob("*/" + ARTICLE.strip("/") + "/index.html"))
        if found and _n > 20:
            return found[0]
        time.sleep(0.2)
    sys.exit("The article was not printed.")


def uncached(bench: Bench) -> Iterator[str]:
    with bench.masthead() as _serving, bench.bare() as bare, bench.plain() as plain:
        at = f"http://127.0.0.1:{bench.port}"
        cases = {
            "article": lambda: bench.wrk(at + ARTICLE, 1, EDITORS),
            "front page": lambda: bench.wrk(at + "/", 1, EDITORS),
            "article, nothing standing": lambda: bench.wrk(f"http://127.0.0.1:{bare}{ARTICLE}", 1),
            "front page, nothing standing": lambda: bench.wrk(f"http://127.0.0.1:{bare}/", 1),
            "article, plain Wagtail": lambda: bench.wrk(f"http://127.0.0.1:{plain}/article-7/", 1),
            "front page, plain Wagtail": lambda: bench.wrk(f"http://127.0.0.1:{plain}/", 1),
        }
        seen = bench.rates(cases)
    for name, runs in seen.items():
        p50, p99 = (_spread([getattr(run, part) for run in runs], 1) for part in ("p50", "p99"))
        yield f"{name:40} p50 {p50} ms   p99 {p99} ms"


def meanwhile(bench: Bench) -> Iterator[str]:
    with bench.masthead(processes=1) as _serving, bench.granian("masthead.rsgi:press", ROOT, processes=1) as behind:

        def beside(port: int) -> Rate:
            """What a reader of a kept page waits while two editors ask for pages that are made for them."""
            editors = ThreadPoolExecutor(1).submit(bench.wrk, f"http://127.0.0.1:{port}/", 2, EDITORS)
            rate = bench.wrk(f"http://127.0.0.1:{port}{ARTICLE}", 1)
            editors.result()
            return rate

        seen = bench.rates(
            {
                "a kept article, nobody else asks": lambda: bench.wrk(f"http://127.0.0.1:{bench.port}{ARTICLE}", 1),
                "the same while editors work": lambda: beside(bench.port),
                "the same behind one WSGI thread": lambda: beside(behind),
            }
        )
    for name, runs in seen.items():
        p50, p99 = (_spread([getattr(run, part) for run in runs], 2) for part in ("p50", "p99"))
        yield f"{name:40} p50 {p50} ms   p99 {p99} ms"


def random_addresses(bench: Bench) -> Iterator[str]:
    listed = ", ".join(json.dumps(path) for path in bench.addresses)
    script = (
        f"local paths = {{{listed}}}\nmath.randomseed(7)\n"
        'request = function() return wrk.format("GET", paths[math.random(#paths)]) end\n'
    )
    at = f"http://127.0.0.1:{bench.port}"
    with bench.masthead():
        for path in bench.addresses:
            fetch(bench.port, path)
        state, stale, reads = State(bench.folder / "published"), 0, 0

        def watched() -> Rate:
            """The same readers look in both cases, so that what differs is the publications alone."""
            nonlocal stale, reads
            with Watch(bench.port, state) as watch:
                rate = bench.wrk(at, script=script)
            stale, reads = stale + watch.stale, reads + watch.reads
            return rate

        def with_publications() -> Rate:
            with publishing(state, bench.environment()):
                return watched()

        seen = bench.rates({"200 addresses": watched, "the same, publishing": with_publications})
    yield from _lines(seen)
    yield _ratio("publishing : not", seen, "the same, publishing", "200 addresses")
    yield f"{stale} stale of {reads} reads looked at, {state.read().number} publications"


def visible(bench: Bench) -> Iterator[str]:
    state = State(bench.folder / "published")
    often = publishing(state, bench.environment(), every=0.5, back=True)
    with bench.masthead(), often:
        with Watch(bench.port, state, connections=6):
            time.sleep(5)  # both processes have compiled their templates
        with Watch(bench.port, state, connections=6) as watch:
            time.sleep(max(4, bench.seconds * bench.rounds))
    for what, found in (("published, shown", watch.took), ("unpublished, gone", watch.gone)):
        for output, took in found.items():
            yield _times(f"{what}: {output}", took)
    yield f"{watch.stale} stale of {watch.reads} reads, {watch.missed} never seen before the next"


def _times(name: str, took: list[float]) -> str:
    took = sorted(took) or sys.exit(f"{name}: was never seen.")
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    return (
        f"{name:32} p50 {statistics.median(took) * 1e3:,.1f} ms   p99 {p99 * 1e3:,.1f} ms   "
        f"most {took[-1] * 1e3:,.1f} ms   ({len(took)} seen)"
    )


def weight(bench: Bench) -> Iterator[str]:
    started = time.perf_counter()
    with bench.masthead() as running:
        first = time.perf_counter() - started
        page, _headers = fetch(bench.port, ARTICLE)
        found = re.findall(rb'<(?:link rel="(?:stylesheet|icon)" href|script src)="([^"]+)"', page)
        asked = [address.decode() for address in found if not address.startswith(b"data:")]
        sizes = [len(gzip.compress(page, 6)), *(len(gzip.compress(fetch(bench.port, path)[0], 6)) for path in asked)]
        yield f"article without pictures: {sum(sizes) / 1000:.1f} kB gzip in {len(sizes)} requests"
        elsewhere = set(re.findall(rb'(?:src|srcset|<link[^>]* href)="(https?://[^"]+)"', page))
        ours = {link for link in elsewhere if f"127.0.0.1:{bench.port}".encode() in link}
        yield f"third parties: {len(elsewhere - ours)}"
        idle = _memory(running.pid)
        bench.wrk(f"http://127.0.0.1:{bench.port}{ARTICLE}")
        for path in bench.addresses:
            fetch(bench.port, path)
        resident, proportional = _memory(running.pid)
        yield f"memory of all processes, PSS: {idle[1]:.0f} MiB idle, {proportional:.0f} MiB while serving"
        yield f"the same, RSS (shared pages counted for each): {resident:.0f} MiB"
    starts = [first]
    for _n in range(bench.rounds - 1):
        started = time.perf_counter()
        with bench.masthead():
            starts.append(time.perf_counter() - started)
    yield f"start to first page: {_spread(starts, 2)} s"


_MEASURES = {
    "kept": kept,
    "uncached": uncached,
    "meanwhile": meanwhile,
    "random": random_addresses,
    "visible": visible,
    "weight": weight,
}


# Small things


def _lines(seen: dict[str, list[Rate]]) -> Iterator[str]:
    for name, runs in seen.items():
        wrong = sum(run.wrong for run in runs)
        errors = f"   {wrong} ERRORS" if wrong else ""
        rate, p99 = _spread([run.rate for run in runs]), _spread([run.p99 for run in runs], 2)
        yield f"{name:40} {rate} requests/s   p99 {p99} ms{errors}"


def _ratio(words: str, seen: dict[str, list[Rate]], ours: str, theirs: str) -> str:
    pairs = zip(seen[ours], seen[theirs], strict=True)
    return f"{words:40} {_spread([one.rate / other.rate for one, other in pairs], 2)}"


def _spread(measures: list[float], digits: int = 0) -> str:
    low, middle, high = min(measures), statistics.median(measures), max(measures)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _memory(pid: int) -> tuple[float, float]:
    """Return resident and proportional memory of a process and all below it, in MiB."""
    resident = proportional = 0
    for one in _tree(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            said = Path(f"/proc/{one}/smaps_rollup").read_text()
            resident += int(re.search(r"Rss:\s+(\d+)", said)[1])
            proportional += int(re.search(r"Pss:\s+(\d+)", said)[1])
    return resident / 1024, proportional / 1024


def _tree(pid: int) -> list[int]:
    below = [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]
    return [pid, *(deeper for child in below for deeper in _tree(child))]


if __name__ == "__main__":
    main()
