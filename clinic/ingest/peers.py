"""Who else takes in reports: leases in the clinic's database, on PostgreSQL. SQLite has one lock for all who write.

A lease is renewed each second by the very loop that keeps reports, by the database's clock: one that is dead, hangs,
or has no broker lets it lapse, and the others take over its boxes. Nothing depends on a lease being right: the ledger
keeps each report once, whoever brings it.
"""

import logging
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from clinic.ingest.share import Share

LEASE_MS = 5_000
BEAT_S = 1.0
HOLD_MS_MAX = 5_000
"""PostgreSQL ends the transaction of who does nothing in it for so long: a hung process must not hold the locks that
the others wait for. Ours think for a tenth of a second in one."""
SILENT_IN_TRANSACTION = "25P03"
"""idle_in_transaction_session_timeout's SQLSTATE; Django calls it an InternalError, as it does faults of ours."""
LEAVE_TRIES = 2
"""The second one on a new connection: the old one may be what ended us."""
FORGOTTEN_MS = 86_400_000

_NOW = "WITH now AS (SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS ms)"
_BEAT = f"""{_NOW}, mine AS (
    INSERT INTO results_ingestlease (name, until_ms) SELECT %s, ms + %s FROM now
    ON CONFLICT (name) DO UPDATE SET until_ms = EXCLUDED.until_ms
), gone AS (DELETE FROM results_ingestlease USING now WHERE until_ms < ms - %s AND name <> %s)
SELECT name FROM results_ingestlease, now WHERE until_ms > ms AND until_ms <= ms + %s"""  # noqa: S608  # our own words
"""What ends later than a lease lasts was given by a clock that has been put back since: it is nobody's."""
_LEAVE = "DELETE FROM results_ingestlease WHERE name = %s"

log = logging.getLogger(__name__)


class Nobody:
    """One process alone: every box is its own."""

    beat_s = math.inf

    def beat(self) -> bool:
        return False

    def leave(self) -> None:
        pass

    def is_mine(self, topic: str) -> bool:  # noqa: ARG002  # the port's word
        return True


class Leases:
    """This process among its peers, under the name that no other has: its MQTT client id."""

    beat_s = BEAT_S

    def __init__(self, name: str) -> None:
        self._name, self._share = name, Share(name)

    def beat(self) -> bool:
        """Say that we live, and look who else does; whether that has changed. Outside any transaction."""
        return self._see(name for (name,) in _ask(_BEAT, self._name, LEASE_MS, FORGOTTEN_MS, self._name, LEASE_MS))

    def leave(self) -> None:
        """Others may take our boxes over at once; where the database is away they do when the lease lapses."""
        self._see(())
        for _ in range(LEAVE_TRIES):
            try:
                return _run(_LEAVE, self._name)
            except (OperationalError, InterfaceError) as error:
                log.warning("database: %s; our boxes are taken over within %d s", error, LEASE_MS // 1000)
                connection.close_if_unusable_or_obsolete()
        return None

    def is_mine(self, topic: str) -> bool:
        return self._share.is_mine(topic)

    def _see(self, others: Iterable[str]) -> bool:
        seen = Share(self._name, others)
        if seen.members == self._share.members:
            return False
        self._share = seen
        log.info("%d ingest processes share the boxes: %s", len(seen.members), ", ".join(seen.members))
        return True


def hold_nobody_up(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Of Django's `connection_created`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = %s", [HOLD_MS_MAX])


@contextmanager
def ended_is_away() -> Iterator[None]:
    """Where PostgreSQL has ended our transaction for our silence, the database is away, and nothing is our fault."""
    try:
        yield
    except InternalError as error:
        if getattr(error.__cause__, "sqlstate", None) != SILENT_IN_TRANSACTION:
            raise
        raise OperationalError(str(error)) from error


def _ask(statement: str, *parameters: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _run(statement: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
