"""What benchmarks/press.py measures with: a site, what is served beside it, and wrk.

python -m benchmarks.press_rig PORT   # inside the site's environment: fills the demo for the measurements
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROCESSES = 2
OF_ONE_ANSWER = ("date", "server", "connection")  # headers that belong to an answer and not to what it sends


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
        self._run([__file__, str(self.port)], self.environment())
        self.addresses = json.loads((self.site / "addresses.json").read_text())

    def environment(self, **more) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MASTHEAD_", "DJANGO_"))}
        ours = {"MASTHEAD_SITE": str(self.site), "DJANGO_SETTINGS_MODULE": "masthead.settings", "PYTHONPATH": str(ROOT)}
        return kept | ours | more

    @contextlib.contextmanager
    def masthead(self, processes=PROCESSES, **options) -> Iterator[subprocess.Popen]:
        command = ["-m", "masthead.cli", "serve", "--site", str(self.site), "--port", str(self.port)]
        with self._serving(
            [*command, "--processes", str(processes)], self.port, self.environment(**options)
        ) as running:
            yield running

    @contextlib.contextmanager
    def bare(self) -> Iterator[int]:
        """The same site without a press: every page and every part of it is made anew."""
        with self.granian("masthead.rsgi:application", ROOT, "rsgi", MASTHEAD_PRESS="false") as port:
            yield port

    @contextlib.contextmanager
    def granian(self, target: str, folder: Path, interface="wsgi", processes=PROCESSES, **more) -> Iterator[int]:
        port = _free_port()
        command = ["-m", "granian", "--interface", interface, "--workers", str(processes), "--blocking-threads", "1"]
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


def build_inside(port: int) -> None:
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


def _milliseconds(said: str) -> float:
    for unit, factor in (("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4)):
        if said.endswith(unit):
            return float(said.removesuffix(unit)) * factor
    raise ValueError(said)


def fetch(port: int, path: str) -> tuple[bytes, list[tuple[str, str]]]:
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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


if __name__ == "__main__":
    build_inside(int(sys.argv[1]))
