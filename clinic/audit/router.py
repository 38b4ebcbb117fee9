"""The audit trail lives in a database of its own: it never waits for ingest, nor makes it wait."""

from typing import Any

from django.db.models import Model

ALIAS = "audit"


class AuditRouter:
    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if model._meta.app_label == ALIAS else None  # noqa: SLF001  # public, says Django

    def db_for_write(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if model._meta.app_label == ALIAS else None  # noqa: SLF001  # public, says Django

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return (db == ALIAS) == (app_label == ALIAS)
