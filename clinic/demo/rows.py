"""Rows by the million: one INSERT for many, in the order of their keys, which are given here, not by the database."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

Row = tuple[Any, ...]


class Rows:
    """Rows of one table that are waiting to be written. Columns that are not named have their field's default."""

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        self.model = model
        fields = {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001  # public API
        unknown = set(names) - set(fields)
        if unknown:
            raise ValueError(f"{model.__name__} has no {sorted(unknown)}: its columns are {sorted(fields)}")
        key = model._meta.pk.attname  # noqa: SLF001
        rest = [name for name in fields if name not in names and name != key]
        self._constant = tuple(_plain(fields[name], fields[name].get_default()) for name in rest)
        own_key = key not in names
        columns = [fields[name].column for name in ([key] if own_key else []) + [*names, *rest]]
        quoted = ", ".join(connection.ops.quote_name(str(name)) for name in columns)
        marks = ", ".join(["%s"] * len(columns))
        table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
        self._statement = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"  # noqa: S608  # our own names
        last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first() if own_key else 0  # noqa: SLF001
        self.next_key = int(last or 0) + 1
        self._own_key = own_key
        self._waiting: list[Row] = []

    def add(self, *values: Any) -> int:
        """A row in the order of `names`; its key."""
        key = self.next_key
        self.next_key += 1
        self._waiting.append((key, *values, *self._constant) if self._own_key else (*values, *self._constant))
        return key

    def write(self) -> int:
        """What waits; how many rows."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            with connection.cursor() as cursor:
                cursor.executemany(self._statement, waiting)
        return len(waiting)


def _plain(field: Any, value: Any) -> Any:
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    if isinstance(field, models.BinaryField):
        return bytes(value or b"")
    return value


def keys_follow(every: Iterable[type[models.Model]]) -> None:
    """PostgreSQL's sequences go on after the keys that were given."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(every)):
            cursor.execute(statement)
