"""One INSERT for many rows of a model: the ORM takes longer to write them than the database to take them.

On PostgreSQL all rows are one parameter, a JSON array that the server reads as rows of the table: its client, in
Python, takes apart every statement that it has not seen, and thousands of marks cost it more than all the rest of a
report (measured: 250 us of 540). SQLite takes its marks at no cost, and has no bytes in JSON.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

import msgspec
from django.db import connection
from django.db.models import BinaryField, Field, JSONField, Model

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
        if not rows:
            return []
        if connection.vendor == "postgresql":
            return self._run(self._from_json(unless_there=unless_there), [self._as_json(rows)])
        found: list[tuple[Any, ...]] = []
        for part in self._parts(rows):
            values = list(chain.from_iterable(map(self._values, part)))
            found += self._run(self._from_marks(len(part), unless_there=unless_there), values)
        return found

    def _run(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if self._returning else []

    def _as_json(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Bytes as PostgreSQL writes them (bytea, hex format)."""
        told = [{**self._defaults, **row} for row in rows]
        for one in told:
            for name in self._bytes:
                one[name] = f"\\x{one[name].hex()}" if one[name] is not None else None
        return msgspec.json.encode(told).decode()

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

    def _from_json(self, *, unless_there: bool) -> str:
        table = connection.ops.quote_name(self._table)
        rows = f"SELECT {self._columns} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608  # our own words
        return self._around(rows, unless_there=unless_there)

    def _from_marks(self, count: int, *, unless_there: bool) -> str:
        # Django makes each %s of a statement for SQLite a ?: of thousands, that takes longer than all the rest.
        one = f"({','.join(['?'] * len(self._fields))})"
        return self._around(f"VALUES {','.join([one] * count)}", unless_there=unless_there)

    def _around(self, rows: str, *, unless_there: bool) -> str:
        skip = " ON CONFLICT DO NOTHING" if unless_there else ""
        back = f" RETURNING {', '.join(self._returning)}" if self._returning else ""
        return f"INSERT INTO {connection.ops.quote_name(self._table)} ({self._columns}) {rows}{skip}{back}"

    @cached_property
    def _fields(self) -> list["Field[Any, Any]"]:
        """A column has its attribute's name: no model of ours says otherwise (`db_column`)."""
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
    def _bytes(self) -> list[str]:
        return [field.attname for field in self._fields if isinstance(field, BinaryField)]

    @cached_property
    def _columns(self) -> str:
        quoted = connection.ops.quote_name
        return ", ".join(quoted(field.attname) for field in self._fields)

    @cached_property
    def _table(self) -> str:
        return self._model._meta.db_table  # noqa: SLF001  # public
