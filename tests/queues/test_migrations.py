"""An upgrade under traffic: while the new version migrates, the old one goes on writing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from django.db import models
from django.db.migrations import (
    AddField,
    AlterField,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps
from django.db.models import NOT_PROVIDED, Field, Model

OURS = ("accounts", "queues")
WITH_A_REASON: dict[str, str] = {}
"""A migration's name, as app.name, to why it may do what none should."""
LOADER = MigrationLoader(None)
NAMES = sorted(name for app, name in LOADER.disk_migrations if app == "queues")
VALUES = {"over": 2, "under": 1}
"""Where one column minds another."""
_numbers = count(1)


def later_migrations() -> Iterator[Migration]:
    """Ours, but for those that begin an app."""
    for (app, name), migration in sorted(LOADER.disk_migrations.items()):
        if app in OURS and not migration.initial and f"{app}.{name}" not in WITH_A_REASON:
            yield migration


def trouble(operation: Operation, before: Any) -> str:
    """What of this operation the old version would stumble over, or nothing."""
    if isinstance(operation, (RemoveField, DeleteModel, RenameField, RenameModel)):
        return "takes away what the old version reads and writes"
    if isinstance(operation, AddField) and _must_be_given(operation.field):
        return "adds a column that the old version's inserts leave empty"
    if isinstance(operation, AlterField) and _must_be_given(operation.field):
        (old,) = [
            model for (app, name), model in before.models.items() if app in OURS and name == operation.model_name_lower
        ]
        if not _must_be_given(old.fields[operation.name]):
            return "asks for a value that the old version does not give"
    return ""


def _must_be_given(field: Any) -> bool:
    return not field.many_to_many and not field.null and field.db_default is NOT_PROVIDED


@pytest.mark.parametrize("migration", list(later_migrations()), ids=str)
def test_no_migration_breaks_the_version_that_is_still_running(migration: Migration) -> None:
    state = LOADER.project_state([(migration.app_label, migration.name)], at_end=False)
    found = []
    new = {operation.name_lower for operation in migration.operations if isinstance(operation, CreateModel)}
    for operation in migration.operations:
        # Of a model that is new, the old version has never heard.
        words = "" if getattr(operation, "model_name_lower", "") in new else trouble(operation, state)
        found += [f"{operation.describe()}: {words}"] if words else []
        operation.state_forwards(migration.app_label, state)
    assert found == []


def test_the_rule_sees_what_would_break() -> None:
    state = LOADER.project_state([("queues", NAMES[0])])
    bad = [
        AddField("ticket", "colour", models.CharField(max_length=8, default="red")),
        AlterField("ticket", "called_at", models.DateTimeField()),
        RemoveField("ticket", "token"),
        RenameField("ticket", "token", "key"),
        DeleteModel("Ticket"),
    ]
    good = [
        AddField("ticket", "colour", models.CharField(max_length=8, default="red", db_default="red")),
        AddField("ticket", "seen_at", models.DateTimeField(null=True)),
        AlterField("ticket", "shown", models.CharField(max_length=20)),
    ]
    assert all(trouble(operation, state) for operation in bad)
    assert not any(trouble(operation, state) for operation in good)


class OldVersion:
    """Inserts as the code of that time would: a row of every model, of the columns known then."""

    def __init__(self, apps: StateApps) -> None:
        self.apps = apps
        self.made: dict[type[Model], Model] = {}

    def row(self, model: type[Model]) -> Model:
        if model not in self.made:
            fields = [field for field in model._meta.concrete_fields if self.asks(field)]
            made = model(**{field.name: self.value(field) for field in fields})
            made.save(force_insert=True)
            self.made[model] = made
        return self.made[model]

    def asks(self, field: "Field[Any, Any]") -> bool:
        return not (field.primary_key or field.null or field.has_default() or field.db_default is not NOT_PROVIDED)

    def value(self, field: "Field[Any, Any]") -> object:
        if field.name in VALUES:
            return VALUES[field.name]
        if field.is_relation:
            return self.row(field.related_model)  # type: ignore[arg-type]  # no relation of ours is by name
        if isinstance(field, models.DateTimeField):
            return datetime.now(UTC)
        if isinstance(field, models.DateField):
            return date.today()  # noqa: DTZ011 - any day will do
        if isinstance(field, models.CharField):
            return str(next(_numbers))
        return next(_numbers)


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES[:-1])
def test_the_inserts_of_every_earlier_version_still_work(name: str) -> None:
    old = OldVersion(LOADER.project_state([("queues", name)]).apps)
    for app in OURS:
        for model in old.apps.get_app_config(app).get_models():
            assert old.row(model).pk
