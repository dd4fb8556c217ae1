"""The command `masthead`: what it offers, what it refuses and in which words."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from masthead import cli, options
from masthead.newsstand import founding
from tests.importing import captures
from tests.newsroom import article, partner_article
from tests.site_of_its_own import masthead

SAMPLE = Path(__file__).parents[2] / "shared" / "samples" / "trade-page-da.txt"


def commands(group: click.Group = cli.main, before: tuple = ()) -> list[tuple]:
    """Every command as the words one types."""
    found = []
    for name, command in group.commands.items():
        words = (*before, name)
        found.append(words)
        if isinstance(command, click.Group):
            found += commands(command, words)
    return found


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in this process, over the tests' database; the site's folder is `run.site`."""
    monkeypatch.setenv("MASTHEAD_SITE", str(tmp_path))
    monkeypatch.setattr(founding, "prepare_database", lambda *_: None)

    def call(*words):
        return CliRunner().invoke(cli.main, [str(word) for word in words])

    call.site = tmp_path
    return call


def refusal(result) -> str:
    """The one sentence of a refusal."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    said = result.output.strip()
    assert len(said.splitlines()) == 1, said
    assert said.endswith("."), said
    return said


# What it offers


@pytest.mark.parametrize("words", [w for w in commands() if w != ("manage",)], ids=" ".join)
def test_every_command_explains_itself(run, words):
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert len(result.output.splitlines()) >= 5


def test_every_option_of_a_command_is_known_or_refused(run):
    result = run("serve", "--prot", "8000")
    assert result.exit_code == 2
    assert "--prot" in result.output


# A site


def test_a_site_is_not_made_over_another(run):
    (run.site / options.FILE).write_text("")
    assert "is a site already" in refusal(run("new", run.site))


@pytest.mark.parametrize("words", [["serve"], ["work"], ["check"], ["import", "wordpress", "x.xml"]])
def test_a_wrong_option_stops_every_command_with_its_name(run, words):
    (run.site / options.FILE).write_text("prot = 8000\n")
    assert "unknown option “prot”" in refusal(run(*words, "--site", run.site))


@pytest.mark.process
def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path):
    (tmp_path / options.FILE).write_text('database = "postgres://nobody@127.0.0.1:9/nothing"\n')
    refused = masthead("check", "--site", tmp_path)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "Check `database` in masthead.toml" in refused.stderr


# Checking


def test_a_house_in_order_passes(run, title):
    partner_article(title)
    article(title)
    result = run("check", "disclosure", "--site", run.site)
    assert result.exit_code == 0, result.output
    assert "says so, everywhere" in result.output


def test_a_template_of_the_houses_own_that_drops_the_label_is_found(run, title, settings):
    partner_article(title, "Flåden på strøm")
    (run.site / "catalogue").mkdir()
    (run.site / "catalogue/label.html").write_text("")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [run.site]}]
    result = run("check", "disclosure", "--site", run.site)
    assert result.exit_code == 1
    assert "Flåden på strøm" in result.output
    assert "to mend" in result.output


# Importing


@pytest.fixture
def page(tmp_path) -> Path:
    file = tmp_path / "page.txt"
    file.write_text(captures.ENGLISH, encoding="utf-8")
    return file


def drafts() -> int:
    from wagtail.models import Page

    return Page.objects.filter(live=False).count()


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(run, title, page):
    result = run("import", "page", page, "--dry-run", "--site", run.site)
    assert result.exit_code == 0, result.output
    assert "would be made" in result.output
    assert drafts() == 0


def test_json_is_one_object_and_makes_nothing(run, title, page):
    result = run("import", "page", page, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["headline"] == "Island grid gets its second cable"
    assert drafts() == 0


def test_an_import_makes_drafts_and_a_second_one_changes_nothing(run, title, page):
    first = run("import", "page", page, "--site", run.site)
    assert first.exit_code == 0, first.output
    made = drafts()
    assert made > 0
    second = run("import", "page", page, "--site", run.site)
    assert second.exit_code == 0, second.output
    assert "= 0 made" in second.output
    assert drafts() == made


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample page stands beside the project, and is not here")
def test_the_sample_page_is_understood(run, title):
    result = run("import", "page", SAMPLE, "--dry-run", "--site", run.site)
    assert result.exit_code == 0, result.output
    assert "would be made" in result.output
    assert drafts() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("archive.mhtml", b"From: <Saved by a browser>\r\n\r\n"),
        ("missing.txt", None),
    ],
)
def test_what_is_no_page_is_refused_in_one_sentence(run, title, name, content):
    file = run.site / name
    if content is not None:
        file.write_bytes(content)
    assert name in refusal(run("import", "page", file, "--site", run.site))
    assert drafts() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "This is a PDF"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, "This is a picture"),
    ],
)
def test_a_binary_file_is_refused_as_what_it_is(run, title, content, said):
    (run.site / "page.txt").write_bytes(content)
    assert said in refusal(run("import", "page", run.site / "page.txt", "--site", run.site))
    assert drafts() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.xml", b'<?xml version="1.0"?><rss version="2.0"><channel><title>Avis</title><item><title>Kab'),
        ("binary.xml", bytes(range(256)) * 40),
        ("empty.xml", b""),
        ("page.xml", b"<html><body><p>Ikke en eksport</p></body></html>"),
        ("missing.xml", None),
    ],
)
def test_what_is_no_export_is_refused_in_one_sentence(run, title, name, content):
    file = run.site / name
    if content is not None:
        file.write_bytes(content)
    assert name in refusal(run("import", "wordpress", file, "--site", run.site))
    assert drafts() == 0


def test_a_title_that_is_not_here_is_said(run, title, page):
    assert "no title called “Andetsteds”" in refusal(run("import", "page", page, "--title", "Andetsteds"))
