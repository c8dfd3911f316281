"""Questions and writes that every press makes: their SQL is written once, not at every press.

Of a press's own time Django's building and compiling of queries was the greater part (docs/performance.md). A
question's SQL is still Django's, from the same models and lookups, for whichever database this is; only the values come
in later.
"""

from collections.abc import Callable, Collection, Mapping
from copy import copy
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

LARGEST = 2**63 - 1
"""Of what a column of numbers holds."""
NOTHING_ELSE: Mapping[str, object] = {}


class Given(Expression):
    """The place of a value that is given when the question is asked; an id, unless it is for another kind of field.
    Never None."""

    def __init__(self, name: str, field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=field or BigAutoField())
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", [self]


AT_ONCE = 32
ANY_OF: tuple[Any, ...] = tuple(Given(f"id{place}") for place in range(AT_ONCE))
"""For `pk__in`: SQL has as many places as there are ids, and would be written anew for each count of them."""


class Kept(Generic[Row]):
    """A question to the default database. `ask` makes it of Django's lookups, with a `Given` for what will differ; it
    is called when the question is first asked of a kind of database. With `written`, its SQL is made into another that
    gives the same columns.
    """

    def __init__(self, ask: Callable[[], QuerySet[Any, Row]], written: Callable[[str], str] = str) -> None:
        self._ask = ask
        self._written = written
        self._questions: dict[str, tuple[QuerySet[Any, Row], SQLCompiler, str, tuple[Any, ...]]] = {}

    def all(self, **values: object) -> list[Row]:
        """One query; `values` has each value that was to be given."""
        if any(isinstance(value, int) and abs(value) > LARGEST for value in values.values()):
            return []  # an address may hold any number; Django's own lookups know that no row has it
        connection = connections[DEFAULT_DB_ALIAS]
        question = self._questions.get(connection.vendor)
        if question is None:
            question = self._questions[connection.vendor] = self._compile(connection)
        queryset, compiler, sql, places = question
        given = tuple(
            one.output_field.get_db_prep_value(values[one.name], connection) if isinstance(one, Given) else one
            for one in places
        )
        # Django's own reading of rows, which asks the query for its compiler and that for its SQL.
        asking = copy(compiler)
        asking.connection = connection
        asking.as_sql = lambda *_with, **_named: (sql, given)  # type: ignore[method-assign]
        asked = queryset.all()
        asked.query.get_compiler = lambda *_with, **_named: asking  # type: ignore[method-assign]
        return list(asked)

    def first(self, **values: object) -> Row | None:
        """The first of `all`, which are all read."""
        return next(iter(self.all(**values)), None)

    def of(self, ids: Collection[int]) -> list[Row]:
        """For a question about `ANY_OF`: one query for every AT_ONCE of these ids, none for none."""
        those = list(ids)
        found: list[Row] = []
        for first in range(0, len(those), AT_ONCE):
            some = those[first : first + AT_ONCE]
            some += some[:1] * (AT_ONCE - len(some))
            found += self.all(**{place.name: pk for place, pk in zip(ANY_OF, some, strict=True)})
        return found

    def _compile(self, connection: BaseDatabaseWrapper) -> tuple[QuerySet[Any, Row], SQLCompiler, str, tuple[Any, ...]]:
        queryset = self._ask().all()  # compiling changes it for as long: no other thread may compile the same one
        compiler = queryset.query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        compiler.get_converters = lambda _columns: converters
        return queryset, compiler, self._written(sql), tuple(places)


def insert(row: Model) -> None:
    """Insert the row, and give it its id. As `save(force_insert=True)`, but that no signal is sent."""
    connection = connections[DEFAULT_DB_ALIAS]
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    sql = f'INSERT INTO "{row._meta.db_table}" ({columns}) VALUES ({places}) RETURNING "id"'  # noqa: S608 - names only
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


def update(row: Model, columns: Mapping[str, object], *, only_if: Mapping[str, object] = NOTHING_ELSE) -> bool:
    """Give the row in the database these columns, if it has those of `only_if`; whether it had, and is still there. The
    object stays as it is. As `filter(pk=row.pk, **only_if).update(**columns)`, for plain values."""
    connection = connections[DEFAULT_DB_ALIAS]
    setting, new = _equations(row, columns, connection)
    condition, old = _equations(row, {"id": row.pk, **only_if}, connection)
    sql = f'UPDATE "{row._meta.db_table}" SET {", ".join(setting)} WHERE {" AND ".join(condition)}'  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, [*new, *old])
        return bool(cursor.rowcount)


def _equations(
    row: Model, columns: Mapping[str, object], connection: BaseDatabaseWrapper
) -> tuple[list[str], list[Any]]:
    fields = [cast("Field[Any, Any]", row._meta.get_field(name)) for name in columns]
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, columns.values(), strict=True)]
    return [f'"{field.column}" = %s' for field in fields], values
