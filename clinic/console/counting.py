"""Several counts in one question to the database: every page shows them."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from clinic.people.models import Practitioner


class _Count(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def counted(who: Practitioner, asked: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each of these has. One query, none when nothing is asked."""
    if not asked:
        return {}
    columns = {name: _Count(found.order_by().values("pk")) for name, found in asked.items()}
    [told] = Practitioner.objects.filter(pk=who.pk).order_by().values_list(*columns.values())
    return {name: int(n) for name, n in zip(asked, told, strict=True)}
