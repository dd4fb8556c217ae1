"""The house is held to its plan: rooms, directions, one way to a list, options and commands in the docs."""

import ast
import gzip
import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from masthead import options

HOUSE = Path(__file__).parent.parent
ROOMS = sorted(p.name for p in (HOUSE / "masthead").iterdir() if (p / "__init__.py").exists())
CODE = [p for p in (HOUSE / "masthead").rglob("*.py") if "migrations" not in p.parts]


def test_the_rooms_import_downwards_only():
    found = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=HOUSE, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_nobody_hides_an_import_between_rooms_inside_a_function():
    """The commands and the demo import late on purpose: Django must know its site first."""
    late = []
    for path in CODE:
        if path.name.startswith("cli") or path.name in ("entering.py", "finishing.py"):
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                late += [
                    f"{path.relative_to(HOUSE)}:{node.lineno}"
                    for node in ast.walk(function)
                    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("masthead")
                ]
    assert late == []


def test_cards_are_queried_by_the_catalogue_and_its_neighbour_the_archive_only():
    asked = re.compile(r"\bCard\.objects\b|\b(Article|PartnerArticle|Event|Job|HousePromotion)\.objects\b")
    outside = [
        f"{path.relative_to(HOUSE)}: {line.strip()}"
        for path in CODE
        if path.parts[len(HOUSE.parts) + 1] not in ("catalogue", "archive")
        for line in path.read_text().splitlines()
        if asked.search(line) and "# not a list:" not in line
    ]
    assert outside == []


def test_every_option_is_in_the_docs_with_its_default():
    page = (HOUSE / "docs" / "options.md").read_text()
    missing = [o.name for o in options.OPTIONS if f"`{o.name}`" not in page or o.meaning not in page]
    assert missing == []


def test_every_command_is_in_the_docs():
    from masthead.cli import main

    page = (HOUSE / "docs" / "commands.md").read_text()
    assert [name for name in main.commands if f"## masthead {name}" not in page] == []


def test_every_dependency_has_its_line_of_reason():
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"] + project["dependency-groups"]["test"]
    asked += [name for names in project["project"]["optional-dependencies"].values() for name in names]
    names = {re.split(r"[\[<>=]", name)[0] for name in asked} - {"masthead"}
    page = (HOUSE / "docs" / "dependencies.md").read_text().lower()
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_the_repository_names_no_registry_host_and_no_path_of_a_machine():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    bad = re.compile(r"p[y]pi\.org|python[h]osted|np[m]js\.|[d]eb\.debian|/[w]ork/|/[r]oot/|/opt/m[h]")
    named = [
        name
        for name in tracked.split("\0")
        if name
        and (HOUSE / name).suffix in {".py", ".md", ".toml", ".html", ".txt", ".lock", ".mjml", ".js", ".css", ""}
        and (HOUSE / name).is_file()
        and bad.search((HOUSE / name).read_text(errors="ignore"))
    ]
    assert named == []


def test_the_shipped_empty_database_is_what_the_migrations_make(tmp_path):
    from django.db.migrations.loader import MigrationLoader

    from masthead.newsstand import founding

    shipped = tmp_path / "shipped.sqlite3"
    shipped.write_bytes(gzip.decompress(founding.EMPTY.read_bytes()))
    applied = set(sqlite3.connect(shipped).execute("SELECT app, name FROM django_migrations"))
    assert set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations) - applied == set()


def test_everything_the_interface_says_is_said_in_danish_too():
    """Ask gettext's own file; `makemessages` finds what is new."""
    from django.utils.translation.trans_real import DjangoTranslation

    catalogue = DjangoTranslation("da")
    said = re.compile(r"""(?:\b_|gettext|gettext_lazy)\(\s*"((?:[^"\\]|\\.)+)"\s*\)|{% translate "([^"]+)" %}""")
    files = [*CODE, *(HOUSE / "masthead").rglob("*.html"), *(HOUSE / "masthead").rglob("*.mjml")]
    words = {a or b for path in files for a, b in said.findall(path.read_text())}
    known = set(catalogue._catalog.keys())
    assert sorted(word for word in words if word not in known) == []


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(HOUSE)))
def test_functions_and_files_stay_short_enough_to_read(path):
    tree = ast.parse(path.read_text())
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > 50
    ]
    assert long == [] and path.read_text().count("\n") <= 450
