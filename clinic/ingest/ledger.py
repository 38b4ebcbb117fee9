"""The ledger: what has come of each box, stream and epoch, and the serials of what is said of it.

In SQL, because every answer asks it: the ORM takes longer to write these questions than the database to answer them.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection

from clinic.results import problems
from clinic.results.answers import text
from clinic.results.inserting import Inserting
from clinic.results.models import LedgerHead, LedgerRow
from clinic.results.sheet import Filed
from clinic.results.unfit import Unfit
from mqtt_bridge.clinic_store import Arrival, Epoch, Standing, ranges
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.report import Identity

_NEXT = "UPDATE results_ledgerhead SET serial = serial + %s WHERE id = 1 RETURNING ledger, serial"
_OF = "kept.device_id = asked.box AND kept.stream = asked.stream AND kept.epoch = asked.epoch"
_EPOCHS = "WITH asked (box, stream, epoch) AS (VALUES {asked}) SELECT asked.box, asked.stream, asked.epoch"
_KEPT = f"FROM results_ledgerrow AS kept WHERE {_OF} AND kept.seq > 0"
"""Every number is above 0: it is said so that SQLite takes the index of the numbers, and not that of the times (it has
no statistics to tell them apart by; measured where an epoch has 4,680 rows: 3.1 ms an answer, and 0.2 so)."""
_SPANS = f"{_EPOCHS}, (SELECT COUNT(*) {_KEPT}), (SELECT MIN(seq) {_KEPT}), (SELECT MAX(seq) {_KEPT}) FROM asked"  # noqa: S608  # our own words
_FIRST_SINCE = (
    f"{_EPOCHS}, MIN(kept.seq) FROM asked CROSS JOIN results_ledgerrow AS kept WHERE {_OF} AND kept.received_ms >= %s "
    "GROUP BY asked.box, asked.stream, asked.epoch"
)
_HELD = (
    f"{_EPOCHS}, kept.seq FROM asked CROSS JOIN results_ledgerrow AS kept WHERE {_OF} AND kept.seq > 0 "
    "AND kept.state = 'held' ORDER BY kept.seq"
)
_ROWS = (
    "WITH asked (box, stream, epoch, seq) AS (VALUES {asked}) SELECT asked.box, asked.stream, asked.epoch, asked.seq"
)
_DIGESTS = (
    f"{_ROWS}, kept.digest, kept.content_digest FROM asked CROSS JOIN results_ledgerrow AS kept "
    f"WHERE {_OF} AND kept.seq = asked.seq"
)
_ISLANDS = (
    "SELECT MIN(seq), MAX(seq) FROM (SELECT seq, seq - ROW_NUMBER() OVER (ORDER BY seq) AS island "
    "FROM results_ledgerrow WHERE device_id = %s AND stream = %s AND epoch = %s AND seq > 0) AS numbered "
    "GROUP BY island ORDER BY 1"
)
_HOLD = "UPDATE results_ledgerrow SET state = 'held', report = '', problem = %s, code = %s WHERE id = %s"
_ALONE, _BESIDE = "SELECT pg_advisory_xact_lock(%s)", "SELECT pg_advisory_xact_lock_shared(%s)"
INGEST_LOCK = 0x63686576
"""An advisory lock's key is any number that nobody else uses."""

_LEDGER = Inserting(LedgerRow, "id", "device_id", "stream", "epoch", "seq")


@dataclass(frozen=True, slots=True)
class Entered:
    """A row that is new in the ledger."""

    pk: int
    device_id: str
    received_ms: int


def take_turns(*, alone: bool) -> None:
    """Until the transaction ends nobody else writes in one that is `alone`, and nobody alone beside one that is not."""
    _ask(_ALONE if alone else _BESIDE, INGEST_LOCK)


def enter(arrivals: Mapping[Identity, Arrival]) -> dict[Identity, tuple[Filed, Arrival]]:
    """The ledger's rows of those that it did not have."""
    # In one order everywhere: two processes that wait for each other's rows would wait for ever.
    rows = [_new_row(arrivals[identity]) for identity in sorted(arrivals)]
    found = {
        Identity(box=box, stream=stream, epoch=epoch, seq=seq): pk
        for pk, box, stream, epoch, seq in _LEDGER.rows(rows, unless_there=True)
    }
    return {
        identity: (Entered(found[identity], identity.box, arrival.received_ms), arrival)
        for identity, arrival in arrivals.items()
        if identity in found
    }


def digests(identities: Sequence[Identity]) -> dict[Identity, tuple[str, str]]:
    """Of the letter and of the report inside, by what the ledger has of these."""
    names = [(i.box, i.stream, i.epoch, i.seq) for i in identities]
    return {
        Identity(box=box, stream=stream, epoch=epoch, seq=seq): (digest, content)
        for box, stream, epoch, seq, digest, content in _among(_DIGESTS, names)
    }


def standings(of: Collection[Epoch]) -> dict[Epoch, Standing]:
    held: dict[Epoch, list[int]] = {}
    for box, stream, epoch, seq in _among(_HELD, of):
        held.setdefault((box, stream, epoch), []).append(seq)
    found = dict.fromkeys(of, Standing((), ()))
    for box, stream, epoch, count, first, last in _among(_SPANS, of):
        if not count:
            continue
        one = (box, stream, epoch)
        spans = [(first, last)] if last - first + 1 == count else _ask(_ISLANDS, *one)
        has = tuple(wire.Range(first=a, last=b) for a, b in spans)
        found[one] = Standing(has, ranges(held.get(one, [])))
    return found


def first_since(of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
    return {(box, stream, epoch): seq for box, stream, epoch, seq in _among(_FIRST_SINCE, of, since_ms)}


def next_acks(count: int) -> tuple[str, range]:
    found = _ask(_NEXT, count)
    if not found:
        LedgerHead.objects.get_or_create(pk=1, defaults={"ledger": secrets.token_hex(8)})
        found = _ask(_NEXT, count)
    [(ledger, serial)] = found
    return ledger, range(serial - count + 1, serial + 1)


def hold(pk: int, unfit: Unfit) -> None:
    """What the record cannot take stays raw."""
    problem = text(str(unfit))
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [problem, problems.code_of(problem), pk])


def digest_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _new_row(arrival: Arrival) -> dict[str, Any]:
    told, report = arrival.identity, arrival.report
    columns = {
        "device_id": told.box,
        "stream": told.stream,
        "epoch": told.epoch,
        "seq": told.seq,
        "payload": arrival.payload,
        "digest": digest_of(arrival.payload),
        "received_ms": arrival.received_ms,
    }
    if report is None:
        problem = text(arrival.problem)
        return {**columns, "state": "held", "problem": problem, "code": problems.code_of(problem)}
    return {**columns, "state": "stored", "report": text(report.id)[:64], "content_digest": digest_of(encode(report))}


def _among(statement: str, asked: Collection[tuple[str | int, ...]], *more: int) -> list[tuple[Any, ...]]:
    """Ask about several at once: `{asked}` stands for their names, which come before whatever else it asks for."""
    if not asked:
        return []
    one = f"({', '.join(['%s'] * len(next(iter(asked))))})"
    return _ask(statement.format(asked=", ".join([one] * len(asked))), *chain.from_iterable(asked), *more)


def _ask(statement: str, *parameters: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
