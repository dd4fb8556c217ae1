"""Two hosts on one PostgreSQL through PgBouncer in transaction mode: published on one, read on the other."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import postgres
from tests.press.hosts import Desk, get, until
from tests.press.test_two_hosts import PAGES, Host, _found
from tests.site_of_its_own import free_port

POOL = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.process,
    pytest.mark.skipif(
        postgres.programs() is None or POOL is None, reason="PostgreSQL and PgBouncer are not installed"
    ),
]


@pytest.fixture(scope="module")
def pooled():
    """Address of a database behind a pool that has fewer connections than the hosts have processes and threads."""
    with postgres.throw_away_server() as address:
        server, port, folder = urlsplit(address), free_port(), Path(tempfile.mkdtemp(prefix="masthead-pool-"))
        (folder / "users").write_text('"masthead" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n{server.path[1:]} = host=127.0.0.1 port={server.port} user=masthead\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"auth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 100\n"
            "ignore_startup_parameters = extra_float_digits\n"
        )
        folder.chmod(0o755)
        running = subprocess.Popen([POOL, "-u", "postgres", "-q", folder / "ini"], stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        yield f"postgres://masthead@127.0.0.1:{port}{server.path}"
        running.terminate()
        running.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory, pooled):
    near, far = (Host(tmp_path_factory.mktemp(name) / "avis", pooled) for name in ("near", "far"))
    _found(near)
    for host in (near, far):
        host.start("--processes", "2", "--no-clock")
    yield near, far
    for host in (near, far):
        host.stop()


def test_what_is_published_on_one_host_is_read_on_the_other_and_goes_when_it_is_taken_off(hosts):
    near, far = hosts
    desk = Desk(near.folder)
    try:
        for host in hosts:
            for path in PAGES:
                assert get(host.base, path)[0] == 200
        for headline in ("Kabelkøen vokser", "Kabelkøen falder"):
            assert desk.do(f"publish({headline!r})")
            assert until(lambda said=headline: all(said in get(far.base, path)[2] for path in PAGES), 30)
        assert desk.do("unpublish('Kabelkøen vokser')")
        assert until(lambda: not any("Kabelkøen vokser" in get(far.base, path)[2] for path in PAGES), 30)
    finally:
        desk.close()
    assert "Traceback" not in near.log() + far.log()
