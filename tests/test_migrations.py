"""Migrations only add, so that the code before them can go on beside them (docs/deploy.md, on upgrading)."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

# The newest migration of each room in the last release; what came before met no older code. Renew it at a release.
RELEASED = {
    "articles": "0003",
    "catalogue": "0005",
    "events": "0002",
    "jobs": "0002",
    "newsletters": "0007",
    "newsstand": "0002",
    "partners": "0002",
    "press": "0001",
    "publication": "0002",
    "readership": "0001",
    "subscribers": "0005",
}
# Looked at by a person: "room.number_name" and why the code of the last release can go on beside it.
BORNE: dict[str, str] = {}
ADDING = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.RunPython,  # it writes rows as any code does
)


def is_borne(operation: Operation) -> bool:
    """Whether code that does not know of this change can go on reading and writing rows."""
    if isinstance(operation, migrations.AddField):
        field = operation.field
        return field.many_to_many or field.null or field.db_default is not NOT_PROVIDED
    return isinstance(operation, ADDING)


def test_no_migration_since_the_last_release_breaks_its_code():
    ours = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items()
    since = [(room, migration) for (room, name), migration in ours if name[:4] > RELEASED.get(room, "9999")]
    broken = [
        f"{room}.{migration.name}: {operation.describe()}"
        for room, migration in since
        for operation in migration.operations
        if not is_borne(operation) and f"{room}.{migration.name}" not in BORNE
    ]
    assert broken == [], (
        "Make it in two releases (docs/deploy.md), or say in BORNE why the last release's code bears it."
    )


@pytest.mark.parametrize(
    ("operation", "borne"),
    [
        (migrations.AddField("card", "mood", models.CharField(max_length=9, null=True)), True),
        (migrations.AddField("card", "mood", models.CharField(max_length=9, db_default="calm")), True),
        (migrations.AddField("card", "mood", models.CharField(max_length=9, default="calm")), False),
        (migrations.RemoveField("card", "mood"), False),
        (migrations.RenameField("card", "mood", "tone"), False),
        (migrations.DeleteModel("card"), False),
        (migrations.AddConstraint("card", models.UniqueConstraint(fields=["mood"], name="one_mood")), False),
        (migrations.CreateModel("mood", [("id", models.BigAutoField(primary_key=True))]), True),
    ],
    ids=lambda value: value.describe() if isinstance(value, Operation) else "",
)
def test_a_column_the_old_code_would_have_to_fill_is_not_borne(operation, borne):
    assert is_borne(operation) is borne
