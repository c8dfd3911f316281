"""Queries that every press makes: Django writes their SQL once, not at every press.

Of a press's own time, building and compiling queries was the greater part (docs/performance.md). The SQL is still
Django's, from the same models and lookups, for whichever database this is; only the values come in later. That reaches
into Django's inside (docs/upgrading.md). Until `enable` is called each query is an ordinary queryset, built anew each
time, with the same rows, and nothing of Django's inside is looked for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Generic, TypeVar, get_type_hints
from uuid import UUID

import django
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigAutoField,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    Field,
    Model,
    QuerySet,
    UUIDField,
)
from django.db.models import query as inside
from django.db.models.sql.compiler import SQLCompiler

from queues.one_cursor import cursor

Row = TypeVar("Row")

LARGEST_NUMBER = 2**63 - 1
"""Of what a column of numbers holds."""
FIELDS: Mapping[object, "Callable[[], Field[Any, Any]]"] = {
    int: BigAutoField,
    str: CharField,
    UUID: UUIDField,
    date: DateField,
    datetime: DateTimeField,
}
"""The kind of field that a parameter is compared with, by the parameter's type."""
CHUNK = 32
"""Ids asked for in one query: SQL has as many places as there are ids, and would be written anew for each count."""


@dataclass(slots=True)
class _Mode:
    compiles: bool = False


mode = _Mode()
"""How this process asks."""


def enable() -> None:
    """Compile each query once from now on."""
    mode.compiles = True


def self_test() -> None:
    """Compile a query and read a made-up row with it, without asking the database. Raises whatever is wrong when Django
    is no longer as it was."""
    permission: Any = apps.get_model("auth", "Permission")

    def ask(pk: int) -> QuerySet[Any]:
        asked: QuerySet[Any] = permission.objects.select_related("content_type").filter(pk=pk)
        return asked

    connection = connections[DEFAULT_DB_ALIAS]
    query = _Compiled(CompiledQuery(ask).placeholders_filled(), connection)
    if query.parameters({"pk": 7}, connection) != (7,):
        raise TypeError("A value doesn't reach its place in the SQL.")
    (made,) = query.read([(7,) * query.width], connection)
    comes_with_it = permission._meta.get_field("content_type").is_cached(made)
    if made.pk != 7 or not comes_with_it or made.content_type.pk != 7:  # noqa: PLR2004 - as above
        raise TypeError("A row doesn't become the object that Django would make of it.")


class Param(Expression):
    """The place of a value that is given when the query is made. Never None."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", (self,)


class CompiledQuery(Generic[Row]):
    """A query to the default database, as `ask` makes it of its arguments: numbers, texts, UUIDs, days and instants,
    and at most one sequence of ids, which may only be used in lookups. Rows are objects, with those of
    `select_related`, or the tuples of `values_list`; nothing else that a queryset can make of them."""

    def __init__(self, ask: Callable[..., QuerySet[Any, Row]]) -> None:
        self._ask = ask
        hints = get_type_hints(ask)
        hints.pop("return", None)
        self._fields = {name: FIELDS[kind]() for name, kind in hints.items() if kind in FIELDS}
        (self._ids,) = set(hints) - set(self._fields) or {""}
        self._compiled: dict[str, _Compiled[Row]] = {}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the values it takes."""
        return (*self._fields, self._ids) if self._ids else tuple(self._fields)

    def all(self, **values: Any) -> list[Row]:
        """The rows; one query, or with ids one for every CHUNK of them, none for none."""
        if any(isinstance(value, int) and abs(value) > LARGEST_NUMBER for value in values.values()):
            return []  # an address may hold any number; no row has it
        if not self._ids:
            return self._rows(values)
        ids: Sequence[int] = list(values.pop(self._ids))
        chunks = (ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK))
        return [row for chunk in chunks for row in self._rows({**values, self._ids: chunk})]

    def first(self, **values: Any) -> Row | None:
        """The first of `all`, which are all read."""
        return next(iter(self.all(**values)), None)

    def returned_by(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """The rows that a statement of one's own returns: whole rows of the model, columns in the model's order, made
        into what `all` would make of them. For a query of objects without `select_related`. One query."""
        if not mode.compiles:
            return list(self.placeholders_filled().raw(sql, parameters))
        connection = connections[DEFAULT_DB_ALIAS]
        with cursor() as asking:
            asking.execute(sql, parameters)
            return self._compiled_for(connection).read(asking.fetchall(), connection)

    def placeholders_filled(self) -> QuerySet[Any, Row]:
        """The query with a Param in each place."""
        values: dict[str, Any] = {name: Param(name, field) for name, field in self._fields.items()}
        if self._ids:
            values[self._ids] = tuple(Param(f"{self._ids}{place}", BigAutoField()) for place in range(CHUNK))
        return self._ask(**values)

    def _rows(self, values: Mapping[str, Any]) -> list[Row]:
        if not mode.compiles:
            return list(self._ask(**values))
        connection = connections[DEFAULT_DB_ALIAS]
        query = self._compiled_for(connection)
        with cursor() as asking:
            asking.execute(query.sql, query.parameters(self._one_by_one(values), connection))
            return query.read(asking.fetchall(), connection)

    def _compiled_for(self, connection: BaseDatabaseWrapper) -> "_Compiled[Row]":
        found = self._compiled.get(connection.vendor)
        if found is None:
            found = self._compiled[connection.vendor] = _Compiled(self.placeholders_filled(), connection)
        return found

    def _one_by_one(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """With a name for each place of the ids; the first one fills those that are left over."""
        if not self._ids:
            return values
        ids = values[self._ids]
        filled = [*ids, *ids[:1] * (CHUNK - len(ids))]
        return {**values, **{f"{self._ids}{place}": pk for place, pk in enumerate(filled)}}


def compiled(ask: Callable[..., QuerySet[Any, Row]]) -> CompiledQuery[Row]:
    """As a decorator: the function that makes the queryset becomes the query."""
    return CompiledQuery(ask)


class _Compiled(Generic[Row]):
    """What Django would find out anew each time that a query is made."""

    def __init__(self, queryset: QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        made_by = queryset._iterable_class  # noqa: SLF001 - Django has no other word for it
        if made_by not in (inside.ModelIterable, inside.ValuesListIterable):
            raise TypeError("A compiled query gives objects or tuples.")
        self._compiler = queryset.query.get_compiler(connection=connection)
        self.sql, places = self._compiler.as_sql()
        if self._compiler.has_extra_select:
            raise TypeError("A compiled query sorts by nothing that it doesn't give.")
        self._places = tuple(places)
        self._converters = self._compiler.get_converters([column[0] for column in self._compiler.select])
        self._made_of: Callable[[Sequence[Any]], Any] = tuple
        if self._compiler.query.default_cols:
            self._made_of = _maker(self._compiler, queryset)

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return len(self._compiler.select)

    def parameters(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
        """What the cursor is given with the SQL."""
        return tuple(
            one.output_field.get_db_prep_value(values[one.name], connection) if isinstance(one, Param) else one
            for one in self._places
        )

    def read(self, rows: Iterable[Sequence[Any]], connection: BaseDatabaseWrapper) -> list[Row]:
        if self._converters:
            rows = self._converted(rows, connection)
        return [self._made_of(row) for row in rows]

    def _converted(self, rows: Iterable[Sequence[Any]], connection: BaseDatabaseWrapper) -> Iterator[Sequence[Any]]:
        """As the compiler's `apply_converters`, which has a connection of its own: another thread's."""
        for row in rows:
            columns = list(row)
            for place, (steps, expression) in self._converters.items():
                for step in steps:
                    columns[place] = step(columns[place], expression, connection)
            yield columns


def _maker(compiler: SQLCompiler, queryset: QuerySet[Any, Any]) -> Callable[[Sequence[Any]], Model]:
    """What makes the object of a row, with those that `select_related` names: the inside of Django's ModelIterable."""
    info = compiler.klass_info
    model: type[Model] = info["model"]
    columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
    names = [column.target.attname for column, *_sql in compiler.select[columns]]
    populators: Callable[..., Collection[Any]] = inside.get_related_populators
    from_db: Callable[..., Model] = model.from_db
    if django.VERSION >= (6, 1):  # how a row's other columns are fetched became the queryset's choice
        fetch_mode = queryset._fetch_mode  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        populators = partial(populators, fetch_mode=fetch_mode)
        from_db = partial(model.from_db, fetch_mode=fetch_mode)
    related = populators(info, compiler.select, DEFAULT_DB_ALIAS)
    annotations = (compiler.annotation_col_map or {}).items()

    def make(row: Sequence[Any]) -> Model:
        made = from_db(DEFAULT_DB_ALIAS, names, row[columns])
        for populator in related:
            populator.populate(row, made)
        for name, position in annotations:
            setattr(made, name, row[position])
        return made

    return make
