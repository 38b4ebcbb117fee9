"""One INSERT for many rows of a model: the ORM takes longer to write them than the database to take them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model

PARAMETERS_MAX = 30_000
"""Of one statement: SQLite since 3.32 takes 32,766, PostgreSQL 65,535."""


class Inserting:
    """Into the table of one model, whose key the database gives. A row names its columns; the others get their default.

    returning: the columns that `rows` gives back of each row that was new.
    """

    def __init__(self, model: type[Model], *returning: str) -> None:
        self._model, self._returning = model, returning

    def rows(self, rows: Sequence[Mapping[str, Any]], *, unless_there: bool = False) -> list[tuple[Any, ...]]:
        """Write them. `unless_there`: one that a unique key forbids is left out, and not given back."""
        found: list[tuple[Any, ...]] = []
        for part in self._parts(rows):
            statement = self._statement(len(part), unless_there=unless_there)
            with connection.cursor() as cursor:
                cursor.execute(statement, list(chain.from_iterable(map(self._values, part))))
                found += cursor.fetchall() if self._returning else ()
        return found

    def _parts(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
        size = PARAMETERS_MAX // len(self._fields)
        return (rows[at : at + size] for at in range(0, len(rows), size))

    def _values(self, row: Mapping[str, Any]) -> Sequence[Any]:
        values = self._pick({**self._defaults, **row})
        if not self._json:
            return values
        written = list(values)
        for at, field in self._json:
            written[at] = field.get_db_prep_save(written[at], connection)
        return written

    def _statement(self, count: int, *, unless_there: bool) -> str:
        # Django makes each %s of a statement for SQLite a ?: of thousands, that takes longer than all the rest.
        mark = "?" if connection.vendor == "sqlite" else "%s"
        one = f"({','.join([mark] * len(self._fields))})"
        skip = " ON CONFLICT DO NOTHING" if unless_there else ""
        back = f" RETURNING {', '.join(self._returning)}" if self._returning else ""
        return f"{self._into} VALUES {','.join([one] * count)}{skip}{back}"

    @cached_property
    def _fields(self) -> list["Field[Any, Any]"]:
        return [field for field in self._model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001  # public

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return {field.attname: field.get_default() for field in self._fields}

    @cached_property
    def _pick(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        return itemgetter(*(field.attname for field in self._fields))

    @cached_property
    def _json(self) -> list[tuple[int, "Field[Any, Any]"]]:
        return [(at, field) for at, field in enumerate(self._fields) if isinstance(field, JSONField)]

    @cached_property
    def _into(self) -> str:
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(field.column or field.attname) for field in self._fields)
        return f"INSERT INTO {quoted(self._model._meta.db_table)} ({columns})"  # noqa: SLF001  # public
