"""By which index SQLite answers what every acknowledgement asks."""

from typing import Any

import pytest
from django.db import connection

from tests.clinic.box import EPOCH, evaluation
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

BEFORE = evaluation("before", (6, 7, "declined", None, 2), "J’ai mal dormi.")


@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="PostgreSQL chooses its indexes by statistics of what is there"
)
def test_where_an_epoch_stands_is_read_from_the_index_of_its_numbers(clinic: Clinic) -> None:
    """Asked for every acknowledgement: by the index of the times, every row of the epoch was read for it."""
    asked: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Django's own
        asked.append((sql, parameters))
        return execute(sql, parameters, many, context)

    for seq in (1, 2, 5):
        clinic.receive(clinic.box.report(BEFORE, seq=seq))
    with connection.execute_wrapper(listen):
        clinic.store.standings([(clinic.box.name, "kiosk", EPOCH)])
    with connection.cursor() as cursor:
        plans = [str(cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall()) for sql, given in asked]
    assert ["INDEX row_held_of_epoch" in plan for plan in plans] == [True, False, False]
    assert not any("row_received_of_epoch" in plan for plan in plans)
    of_the_numbers = [plan.count("COVERING INDEX sqlite_autoindex_results_ledgerrow") for plan in plans]
    assert of_the_numbers == [0, 3, 1], "count, first and last; then, as there is a gap, the ranges"
