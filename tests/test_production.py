"""A house as it stands in production: https, real hosts, a key of its own, and a proxy in front or none."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from masthead import settings as defaults
from masthead.publication.middleware import DESK, READERS

PRODUCTION = {
    "MASTHEAD_HTTPS": "true",
    "MASTHEAD_DEBUG": "false",
    "MASTHEAD_HOSTS": "avisen.example.org",
    "MASTHEAD_SECRET_KEY": "kun-til-proever-" + "0123456789abcdefghijklmnopqrstuvw" * 2,
    "MASTHEAD_BASE_URL": "https://avisen.example.org",
}
PROXY = "192.0.2.7"
DESK_DOOR, PARTNERS_DOOR = "/desk/login/", "/partner/log-ind/"
WRONG, RIGHT = "et forkert kodeord", "et rigtigt langt kodeord"


@pytest.fixture
def production(title, settings, monkeypatch, tmp_path):
    """Put the settings a production house would have in the place of the tests' own; more options as arguments."""

    def stand(**options):
        for name, value in (PRODUCTION | options | {"MASTHEAD_SITE": str(tmp_path)}).items():
            monkeypatch.setenv(name, value)
        made = runpy.run_path(defaults.__file__)
        for name in made:
            if name.startswith(("SECURE_", "SESSION_COOKIE", "CSRF_", "X_FRAME", "AXES_")) or name in (
                "DEBUG",
                "ALLOWED_HOSTS",
                "MASTHEAD",
                "MIDDLEWARE",
            ):
                setattr(settings, name, made[name])
        return title

    return stand


def browser(**more) -> Client:
    """A visitor by https, from an address of their own."""
    return Client(headers={"host": "avisen.example.org"}, REMOTE_ADDR=more.pop("address", "198.51.100.9"), **more)


def test_djangos_deployment_check_finds_nothing(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MASTHEAD_", "DJANGO_"))}
    command = [sys.executable, "-m", "masthead.cli", "manage", "check", "--deploy", "--fail-level", "WARNING"]
    environment |= PRODUCTION | {"MASTHEAD_SITE": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    said = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "no issues" in said.stdout


@pytest.mark.parametrize("path", ["/", "/findes-ikke/", "/desk/login/", "/feeds/articles.rss"])
def test_every_answer_says_what_a_browser_may_do_with_it(production, path):
    production()
    answer = browser().get(path, secure=True)
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Frame-Options"] == ("SAMEORIGIN" if path.startswith("/desk/") else "DENY")
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src")


def test_the_policy_for_readers_lets_nothing_inline_and_nobody_else_in():
    assert "unsafe" not in READERS
    assert "default-src 'none'" in READERS
    assert "http" not in READERS
    assert "'unsafe-inline'" not in DESK.split("script-src")[1].split(";")[0]


def test_only_a_log_in_gets_a_nonce_and_each_its_own(production):
    production()
    policies = [
        browser().get(DESK_DOOR, secure=True).headers["Content-Security-Policy"],
        *(
            browser().get(DESK_DOOR, secure=True, headers={"cookie": f"desk={key}"}).headers["Content-Security-Policy"]
            for key in ("en", "to")
        ),
    ]
    assert "nonce" not in policies[0]
    assert "nonce-" in policies[1]
    assert policies[1] != policies[2]


def test_http_is_sent_on_to_https(production):
    production()
    answer = browser().get("/artikler/?page=2")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://avisen.example.org/artikler/?page=2"


def test_a_foreign_host_is_not_answered(production):
    production()
    assert Client(headers={"host": "fremmed.example.org"}).get("/", secure=True).status_code == 400


def test_a_stranger_cannot_say_it_came_by_https(production):
    production(MASTHEAD_TRUSTED_PROXIES=PROXY)
    answer = browser().get("/", headers={"x-forwarded-proto": "https"})
    assert answer.status_code == 301


def test_a_trusted_proxy_can_say_it_came_by_https(production):
    production(MASTHEAD_TRUSTED_PROXIES=PROXY)
    answer = browser(address=PROXY).get("/", headers={"x-forwarded-proto": "https"})
    assert answer.status_code == 200


def test_without_a_trusted_proxy_nobody_can(production):
    production()
    assert browser(address=PROXY).get("/", headers={"x-forwarded-proto": "https"}).status_code == 301


# Log-ins


@pytest.fixture
def users(production, django_user_model):
    production(MASTHEAD_TRUSTED_PROXIES=PROXY)
    for name in ("redaktion", "kollega"):
        django_user_model.objects.create_superuser(name, password=RIGHT)


def log_in(door: str, name: str, password: str, **more):
    client = browser(**{k: v for k, v in more.items() if k == "address"})
    return client.post(door, {"username": name, "password": password}, secure=True, headers=more.get("headers"))


@pytest.mark.parametrize("door", [DESK_DOOR, PARTNERS_DOOR])
def test_the_sixth_wrong_password_is_refused_and_so_is_the_right_one(users, door):
    answers = [log_in(door, "redaktion", WRONG).status_code for _n in range(6)]
    assert answers[:4] == [200] * 4
    assert answers[5] == 429
    refused = log_in(door, "redaktion", RIGHT)
    assert refused.status_code == 429
    assert "15 min" in refused.content.decode()


def test_others_are_not_locked_out_with_one(users):
    for _n in range(6):
        log_in(DESK_DOOR, "redaktion", WRONG)
    assert log_in(DESK_DOOR, "kollega", RIGHT).status_code == 302
    assert log_in(DESK_DOOR, "redaktion", RIGHT, address="203.0.113.4").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(users):
    for _n in range(3):
        assert log_in(DESK_DOOR, "redaktion", WRONG).status_code == 200
        assert log_in(DESK_DOOR, "redaktion", WRONG).status_code == 200
        assert log_in(DESK_DOOR, "redaktion", RIGHT).status_code == 302


def test_a_guesser_gains_nothing_by_inventing_addresses(users):
    answers = [
        log_in(DESK_DOOR, "redaktion", WRONG, headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code
        for n in range(6)
    ]
    assert answers[5] == 429


def test_behind_a_trusted_proxy_each_visitor_counts_alone(users):
    for _n in range(6):
        log_in(DESK_DOOR, "redaktion", WRONG, address=PROXY, headers={"x-forwarded-for": "203.0.113.1"})
    elsewhere = log_in(
        DESK_DOOR, "redaktion", RIGHT, address=PROXY, headers={"x-forwarded-for": "1.1.1.1, 203.0.113.2"}
    )
    assert elsewhere.status_code == 302
