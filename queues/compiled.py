"""Questions and writes that every press makes: their SQL is written once, not at every press.

Of a press's own time Django's building and compiling of queries was the greater part (docs/performance.md). A
question's SQL is still Django's, from the same models and lookups, for whichever database this is; only the values come
in later.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, Expression, Field, Model, QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

LARGEST = 2**63 - 1
"""Of what a column of numbers holds."""
READ_HERE = (ModelIterable, ValuesListIterable)


class Param(Expression):
    """The place of a value that is given when the question is asked; an id, unless it is for another kind of field.
    Never None."""

    def __init__(self, name: str, field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=field or BigAutoField())
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", [self]


AT_ONCE = 32
ANY_OF: tuple[Any, ...] = tuple(Param(f"id{place}") for place in range(AT_ONCE))
"""For `pk__in`: SQL has as many places as there are ids, and would be written anew for each count of them."""


class CompiledQuery(Generic[Row]):
    """A question to the default database. `ask` makes it of Django's lookups, with a `Param` for what will differ; it
    is called when the question is first asked of a kind of database. With `written`, its SQL is made into another that
    gives the same columns. Rows are objects, with those of `select_related`, or the tuples of `values_list`; nothing
    else that a queryset can make of them.
    """

    def __init__(self, ask: Callable[[], QuerySet[Any, Row]], written: Callable[[str], str] = str) -> None:
        self._ask = ask
        self._written = written
        self._questions: dict[str, _Question[Row]] = {}

    def all(self, **values: object) -> list[Row]:
        """One query; `values` has each value that was to be given."""
        if any(isinstance(value, int) and abs(value) > LARGEST for value in values.values()):
            return []  # an address may hold any number; Django's own lookups know that no row has it
        connection = connections[DEFAULT_DB_ALIAS]
        question = self._questions.get(connection.vendor)
        if question is None:
            question = self._questions[connection.vendor] = self._compile(connection)
        with connection.cursor() as cursor:
            cursor.execute(question.sql, question.given(values, connection))
            return question.read(cursor.fetchall(), connection)

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

    def _compile(self, connection: BaseDatabaseWrapper) -> "_Question[Row]":
        queryset = self._ask().all()  # compiling changes it for as long: no other thread may compile the same one
        if queryset._iterable_class not in READ_HERE:  # noqa: SLF001 - Django has no other word for it
            raise TypeError("A compiled query gives objects or tuples.")
        compiler = queryset.query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        if compiler.has_extra_select:
            raise TypeError("A compiled query sorts by nothing that it doesn't give.")
        return _Question(self._written(sql), tuple(places), compiler)


class _Question(Generic[Row]):
    """A compiled question: what Django would find out anew each time it is asked."""

    def __init__(self, sql: str, places: tuple[Any, ...], compiler: SQLCompiler) -> None:
        self.sql = sql
        self._places = places
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in compiler.select])
        self._made_of: Callable[[Sequence[Any]], Any] = _maker(compiler) if compiler.query.default_cols else tuple

    def given(self, values: Mapping[str, object], connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
        return tuple(
            one.output_field.get_db_prep_value(values[one.name], connection) if isinstance(one, Param) else one
            for one in self._places
        )

    def read(self, rows: Iterable[Sequence[Any]], connection: BaseDatabaseWrapper) -> list[Row]:
        if self._converters:
            compiler = copy(self._compiler)
            compiler.connection = connection
            rows = compiler.apply_converters(rows, self._converters)
        return [self._made_of(row) for row in rows]


def _maker(compiler: SQLCompiler) -> Callable[[Sequence[Any]], Model]:
    """What makes the object of a row, with those that `select_related` names: the inside of Django's ModelIterable."""
    info = compiler.klass_info
    model: type[Model] = info["model"]
    columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
    names = [column.target.attname for column, *_sql in compiler.select[columns]]
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are of Django 6
    annotations = (compiler.annotation_col_map or {}).items()

    def make(row: Sequence[Any]) -> Model:
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[columns])
        for populator in related:
            populator.populate(row, made)
        for name, position in annotations:
            setattr(made, name, row[position])
        return made

    return make
