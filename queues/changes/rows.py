"""Writing one row: its SQL is written once, not at every press, and no signal is sent."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

from queues.one_cursor import cursor

NO_CONDITION: Mapping[str, object] = {}


def insert(row: Model) -> None:
    """Insert the row, and give it its id. As `save(force_insert=True)`."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _insertion(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with cursor() as asking:
        asking.execute(sql, values)
        ((row.pk,),) = asking.fetchall()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insertion(model: type[Model]) -> tuple[str, tuple["Field[Any, Any]", ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) RETURNING "id"', fields  # noqa: S608 - names only


def update(row: Model, columns: Mapping[str, object], *, only_if: Mapping[str, object] = NO_CONDITION) -> bool:
    """Give the row in the database these columns, if it has those of `only_if`; whether it had, and is still there. The
    object stays as it is. As `filter(pk=row.pk, **only_if).update(**columns)`, for plain values."""
    connection = connections[DEFAULT_DB_ALIAS]
    setting, new = _equations(row, columns, connection)
    condition, old = _equations(row, {"id": row.pk, **only_if}, connection)
    sql = f'UPDATE "{row._meta.db_table}" SET {", ".join(setting)} WHERE {" AND ".join(condition)}'  # noqa: S608 - as above
    with cursor() as asking:
        asking.execute(sql, [*new, *old])
        return bool(asking.rowcount)


def save(row: Model, **columns: object) -> None:
    """Write these columns of the row and only these, on the object too: the rest may be being edited in the set-up."""
    update(row, columns)
    for name, value in columns.items():
        setattr(row, name, value)


def _equations(
    row: Model, columns: Mapping[str, object], connection: BaseDatabaseWrapper
) -> tuple[list[str], list[Any]]:
    fields = [cast("Field[Any, Any]", row._meta.get_field(name)) for name in columns]
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, columns.values(), strict=True)]
    return [f'"{field.column}" = %s' for field in fields], values
