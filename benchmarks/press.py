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
    random      200 addresses in random order, without and with one publication a second; eight readers look at what
                is published in both cases, and stale reads are counted
    visible     from the publication's return until each output shows it, on every connection of every process; and
                from when it is unpublished until it is gone
    weight      an article page without its pictures; memory of all processes while serving; start to first page
"""

import argparse
import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.press_watch import State, Watch, publishing

ROOT = Path(__file__).parents[1]
PARTS = ("kept", "uncached", "random", "visible", "weight")
ARTICLE = "/artikler/kabelkoeen-saadan-venter-man-paa-plads-i-elnettet/"
PROCESSES = 2
OF_ONE_ANSWER = ("date", "server", "connection")  # headers that belong to an answer and not to what it sends
EDITORS = 'wrk.headers["Cookie"] = "desk=nobodys"'  # passes by the printed pages


def main() -> None:
    options = _options()
    if options.build_at:
        return _build_inside(options.build_at)
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
    parser.add_argument("--build-at", type=int, metavar="PORT", help=argparse.SUPPRESS)
    return parser.parse_args()


@dataclass
class Rate:
    """What wrk saw in one run: requests a second, milliseconds at the median and at the 99th percentile, errors."""

    rate: float
    p50: float
    p99: float
    wrong: int


@dataclass
class Bench:
    """A folder with the two sites, and what is started in it."""

    folder: Path
    seconds: int
    rounds: int
    port: int = 0
    addresses: list[str] = field(default_factory=list)

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def build(self) -> None:
        self.port = _free_port()
        self._run(["-m", "masthead.cli", "demo", "--build-only", "--folder", str(self.site), "--port", str(self.port)])
        self._run([__file__, "--build-at", str(self.port)], self.environment())
        self.addresses = json.loads((self.site / "addresses.json").read_text())

    def environment(self, **more) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MASTHEAD_", "DJANGO_"))}
        ours = {"MASTHEAD_SITE": str(self.site), "DJANGO_SETTINGS_MODULE": "masthead.settings", "PYTHONPATH": str(ROOT)}
        return kept | ours | more

    @contextlib.contextmanager
    def masthead(self, **options) -> Iterator[subprocess.Popen]:
        command = ["-m", "masthead.cli", "serve", "--site", str(self.site), "--port", str(self.port)]
        with self._serving(
            [*command, "--processes", str(PROCESSES)], self.port, self.environment(**options)
        ) as running:
            yield running

    @contextlib.contextmanager
    def bare(self) -> Iterator[int]:
        """The same site without a press: every page and every part of it is made anew."""
        with self.granian("masthead.rsgi:application", ROOT, "rsgi", MASTHEAD_PRESS="false") as port:
            yield port

    @contextlib.contextmanager
    def granian(self, target: str, folder: Path, interface="wsgi", **more) -> Iterator[int]:
        port = _free_port()
        command = ["-m", "granian", "--interface", interface, "--workers", str(PROCESSES), "--blocking-threads", "1"]
        environment = self.environment(**more) | {"PYTHONPATH": str(folder)}
        with self._serving([*command, "--port", str(port), "--no-ws", target], port, environment):
            yield port

    @contextlib.contextmanager
    def plain(self) -> Iterator[int]:
        """Plain Wagtail, made at the first time."""
        code = ROOT / "benchmarks/plain"
        told = {"PLAIN_FOLDER": str(self.folder), "DJANGO_SETTINGS_MODULE": "plainsite.settings"}
        if not (self.folder / "plain.sqlite3").exists():
            self._run(["-m", "plainsite.filling"], self.environment(**told) | {"PYTHONPATH": str(code)})
        with self.granian("plainsite.wsgi:application", code, **told) as port:
            yield port

    @contextlib.contextmanager
    def memory(self, body: bytes, headers: list[tuple[str, str]]) -> Iterator[int]:
        (self.folder / "body").write_bytes(body)
        told = {"MEMORY_BODY": str(self.folder / "body"), "MEMORY_HEADERS": json.dumps(headers)}
        with self.granian("memory:application", ROOT / "benchmarks", **told) as port:
            yield port

    @contextlib.contextmanager
    def nginx(self, root: Path | None = None, headers: list[tuple[str, str]] | None = None) -> Iterator[int]:
        """Debian's nginx with a plain file tree, with headers if any, or as `masthead press nginx` sets it up."""
        port, place = _free_port(), Path(tempfile.mkdtemp(dir=self.folder))
        if root:
            said = "".join(f'add_header {name} "{value}"; ' for name, value in headers or [])
            tree = f"root {root}; location / {{ {said}try_files $uri/index.html $uri =404; }}"
            server = f"server {{ listen 127.0.0.1:{port}; {tree} }}"
        else:
            command = [
                "-m",
                "masthead.cli",
                "press",
                "nginx",
                "--listen",
                f"127.0.0.1:{port}",
                "--site",
                str(self.site),
            ]
            server = self._run(command).replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        (place / "nginx.conf").write_text(
            f"worker_processes {PROCESSES}; daemon off; pid {place}/pid; error_log {place}/log;\n"
            f"{'user root;' if os.getuid() == 0 else ''}\n"
            "events { worker_connections 512; }\n"
            "http { include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on;\n"
            f"  client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f;\n"
            f"  uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;\n"
            f"{server}\n}}\n"
        )
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or sys.exit("Install Debian's nginx.")
        running = subprocess.Popen([program, "-c", str(place / "nginx.conf"), "-e", str(place / "log")])
        try:
            _wait_for(port)
            yield port
        finally:
            running.terminate()
            running.wait()

    @contextlib.contextmanager
    def _serving(self, command: list[str], port: int, environment: dict) -> Iterator[subprocess.Popen]:
        log = (self.folder / "log").open("ab")
        running = subprocess.Popen([sys.executable, *command], env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield running
        finally:
            running.terminate()
            running.wait(30)

    def _run(self, command: list[str], environment: dict | None = None) -> str:
        done = subprocess.run([sys.executable, *command], env=environment or self.environment(), capture_output=True)
        if done.returncode:
            sys.exit(done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:])
        return done.stdout.decode()

    def wrk(self, url: str, connections: int = 32, script: str = "") -> Rate:
        program = shutil.which("wrk") or sys.exit("Install Debian's wrk.")
        command = [program, "-t1", f"-c{connections}", f"-d{self.seconds}s", "--latency", url]
        if script:
            (self.folder / "wrk.lua").write_text(script)
            command[1:1] = ["-s", str(self.folder / "wrk.lua")]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
        return Rate(
            float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
            *(_milliseconds(re.search(rf"{part}%\s+([\d.]+\w+)", said)[1]) for part in (50, 99)),
            int(wrong[1]) if wrong else 0,
        )

    def rates(self, cases: dict[str, Callable[[], Rate]]) -> dict[str, list[Rate]]:
        """Run every case once to warm it, and then `rounds` times, interleaved."""
        kept, self.seconds = self.seconds, 1
        for case in cases.values():
            case()
        self.seconds = kept
        seen: dict[str, list[Rate]] = {name: [] for name in cases}
        for _round in range(self.rounds):
            for name, case in cases.items():
                seen[name].append(case())
        return seen


# What is measured


def kept(bench: Bench) -> Iterator[str]:
    with bench.masthead(), contextlib.ExitStack() as others:
        printed = _printed(bench)
        body, headers = _fetch(bench.port, ARTICLE)
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
        _fetch(bench.port, ARTICLE)
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


def random_addresses(bench: Bench) -> Iterator[str]:
    listed = ", ".join(json.dumps(path) for path in bench.addresses)
    script = (
        f"local paths = {{{listed}}}\nmath.randomseed(7)\n"
        'request = function() return wrk.format("GET", paths[math.random(#paths)]) end\n'
    )
    at = f"http://127.0.0.1:{bench.port}"
    with bench.masthead():
        for path in bench.addresses:
            _fetch(bench.port, path)
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
        page, _headers = _fetch(bench.port, ARTICLE)
        found = re.findall(rb'<(?:link rel="(?:stylesheet|icon)" href|script src)="([^"]+)"', page)
        asked = [address.decode() for address in found if not address.startswith(b"data:")]
        sizes = [len(gzip.compress(page, 6)), *(len(gzip.compress(_fetch(bench.port, path)[0], 6)) for path in asked)]
        yield f"article without pictures: {sum(sizes) / 1000:.1f} kB gzip in {len(sizes)} requests"
        elsewhere = set(re.findall(rb'(?:src|srcset|<link[^>]* href)="(https?://[^"]+)"', page))
        ours = {link for link in elsewhere if f"127.0.0.1:{bench.port}".encode() in link}
        yield f"third parties: {len(elsewhere - ours)}"
        idle = _memory(running.pid)
        bench.wrk(f"http://127.0.0.1:{bench.port}{ARTICLE}")
        for path in bench.addresses:
            _fetch(bench.port, path)
        resident, proportional = _memory(running.pid)
        yield f"memory of all processes, PSS: {idle[1]:.0f} MiB idle, {proportional:.0f} MiB while serving"
        yield f"the same, RSS (shared pages counted for each): {resident:.0f} MiB"
    starts = [first]
    for _n in range(bench.rounds - 1):
        started = time.perf_counter()
        with bench.masthead():
            starts.append(time.perf_counter() - started)
    yield f"start to first page: {_spread(starts, 2)} s"


_MEASURES = {"kept": kept, "uncached": uncached, "random": random_addresses, "visible": visible, "weight": weight}


# The site


def _build_inside(port: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from benchmarks.archive import Archive
    from masthead.articles.models import Article
    from masthead.catalogue.models import Card
    from masthead.demo import showing
    from masthead.newsstand.founding import list_page
    from masthead.publication.models import Publication

    folder = Path(os.environ["MASTHEAD_SITE"])
    showing.set_port(folder, port)
    title = Publication.objects.order_by("pk").first()
    Archive(title).fill(300)
    text = [("paragraph", "<p>Det nyeste.</p>")]
    counted = Article(title="Nummer 0 i rækken", slug="nummeret", body=text, dated=timezone.now())
    list_page(title, "articles").add_child(instance=counted)
    cards = Card.objects.filter(publication=title, kind="article").exclude(item=counted)
    cards = cards.select_related("item").order_by("-pk")
    paths = [card.item.url_path.removeprefix(title.root_path) for card in cards[:200]]
    (folder / "addresses.json").write_text(json.dumps([f"/{path}" for path in paths]))


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


def _milliseconds(said: str) -> float:
    for unit, factor in (("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4)):
        if said.endswith(unit):
            return float(said.removesuffix(unit)) * factor
    raise ValueError(said)


def _fetch(port: int, path: str) -> tuple[bytes, list[tuple[str, str]]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:  # noqa: S310
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in OF_ONE_ANSWER]
        return answer.read(), kept


def _wait_for(port: int) -> None:
    for _n in range(2_000):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()  # noqa: S310
            return
        except urllib.error.HTTPError:
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
    sys.exit(f"Nothing answers at port {port}.")


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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


if __name__ == "__main__":
    main()
