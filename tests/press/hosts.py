"""Hosts of the tests: real sites, a desk beside them in a process of its own, what stands in front, a line to cut."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.site_of_its_own import environment, free_port

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
CADDY = shutil.which("caddy")
DESK = """
import os, sys, django
django.setup()
from django.db import transaction
from django.utils import timezone
from masthead.articles.models import Article
from masthead.newsstand import founding
from masthead.press import recalling
from masthead.publication.models import Publication
title = Publication.objects.first()
def publish(headline):
    with transaction.atomic():
        return founding.add_item(title, "articles", Article(title=headline, first_published_at=timezone.now()))
def unpublish(headline):
    Article.objects.get(title=headline).unpublish()
def die_after_the_next_commit():
    recalling._take_back = lambda *_: os._exit(9)
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Desk:
    """Another process of a host, in which something is changed. `do` returns when it is committed and recalled."""

    def __init__(self, folder: Path, **more):
        settings = environment(MASTHEAD_SITE=str(folder), DJANGO_SETTINGS_MODULE="masthead.settings", **more)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        # Elsewhere than in our own checkout, which would come before the version asked for.
        self.process = subprocess.Popen([sys.executable, "-u", "-c", DESK], cwd=folder, env=settings, **pipes)
        assert self.process.stdout.readline() == "ready\n"

    def do(self, line: str) -> bool:
        """Do one line; False where the process died of it."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline() == "done\n"

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()


def get(base: str, path: str, **headers) -> tuple[int, dict, str]:
    """Ask over a new connection, as a reader who comes for the first time."""
    request = urllib.request.Request(base + path, headers={name.replace("_", "-"): v for name, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode(errors="replace")


def until(holds, seconds: float = 20) -> bool:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


class Nginx:
    """Debian's nginx with a configuration of its own, in the foreground, on a free port."""

    def __init__(self, folder: Path, configuration: str, port: int):
        self.port, self.folder = port, folder
        folder.mkdir(parents=True, exist_ok=True)
        self._write(configuration)
        self.process = subprocess.Popen([NGINX, "-c", self.folder / "nginx.conf", "-e", self.folder / "error.log"])
        assert until(lambda: _listens(port)), (folder / "error.log").read_text()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reload(self, configuration: str) -> None:
        """Take another configuration, as `systemctl reload nginx` does; returns when nobody works by the old one."""
        self._write(configuration)
        old = self._workers()
        self.process.send_signal(signal.SIGHUP)
        assert until(lambda: self._workers() and not self._workers() & old), (self.folder / "error.log").read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def _workers(self) -> set[str]:
        pid = self.process.pid
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    def _write(self, configuration: str) -> None:
        # As root nginx hands its requests to www-data, who may not read pytest's folders.
        folder = self.folder
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
            f"events {{ worker_connections 256; }}\nhttp {{ access_log off;\n"
            f"client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;\n"
            f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{configuration}\n}}\n"
        )


class Caddy:
    """Debian's Caddy with a Caddyfile of its own, on a free port; what it keeps is in `folder`, and it asks nobody."""

    def __init__(self, folder: Path, configuration: str, port: int):
        self.port = port
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{configuration}")
        own = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
        command = [CADDY, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"]
        with (folder / "error.log").open("w") as log:
            self.process = subprocess.Popen(command, env=own, stdout=log, stderr=log)
        assert until(lambda: _listens(port)), (folder / "error.log").read_text()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed. Get it: apt-get install nginx-light")
needs_caddy = pytest.mark.skipif(not CADDY, reason="Caddy is not installed. Get it: apt-get install caddy")
FRONTS = {"nginx": Nginx, "caddy": Caddy}


def in_front(test):
    """Run a test with each server that may stand in front; `front` is its name."""
    servers = [pytest.param("nginx", marks=needs_nginx), pytest.param("caddy", marks=needs_caddy)]
    return pytest.mark.process(pytest.mark.parametrize("front", servers)(test))


class Line:
    """A line to a server that can be cut: bytes go through it both ways until then."""

    def __init__(self, to: int):
        self.to, self.port = to, free_port()
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """Cut it: what is connected is broken, and nobody gets through."""
        listener, self._listener = self._listener, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for end in self._open:
            end.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _who = listener.accept()
                there = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self._open += [here, there]
            threading.Thread(target=_pass_on, args=[here, there], daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while True:
            for ready in select.select([one, other], [], [])[0]:
                data = ready.recv(65_536)
                if not data:
                    raise OSError
                (other if ready is one else one).sendall(data)
    except (OSError, ValueError):
        one.close()
        other.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
