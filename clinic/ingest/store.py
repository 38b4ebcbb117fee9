"""`ClinicStore` over Django: the ledger row and what the report says, in the one transaction of ClinicEnd."""

import hashlib
import logging
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from msgspec import structs

from clinic.fleet import corrected_time, heartbeats
from clinic.fleet.boots import is_news
from clinic.fleet.models import Device, Hello
from clinic.ingest import record
from clinic.ingest.record import is_of_a_care
from clinic.plans.orders import Pen, letters_after
from clinic.results import interpret, problems
from clinic.results.answers import text
from clinic.results.inserting import Inserting
from clinic.results.models import LedgerHead, LedgerRow, Quarantine
from clinic.results.sheet import Filed
from clinic.results.unfit import Unfit
from mqtt_bridge.clinic_end import Read
from mqtt_bridge.clinic_store import Arrival, Epoch, Has, Kept, LastWordKeys, Standing, ranges
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.report import Identity, Report
from mqtt_bridge.seal import PublicKeys

VERSION_MAX = 100
SEEN_EVERY_MS = 1000
ASIDE_MAX = 200
"""Different arrivals set aside of each box and kind: one box, stolen or broken, must not fill the clinic's disk."""

log = logging.getLogger(__name__)


_NEXT = "UPDATE results_ledgerhead SET serial = serial + %s WHERE id = 1 RETURNING ledger, serial"
_OF = "kept.device_id = asked.box AND kept.stream = asked.stream AND kept.epoch = asked.epoch"
_EPOCHS = "WITH asked (box, stream, epoch) AS (VALUES {asked}) SELECT asked.box, asked.stream, asked.epoch"
_SPANS = (
    f"{_EPOCHS}, COUNT(*), MIN(kept.seq), MAX(kept.seq) FROM asked CROSS JOIN results_ledgerrow AS kept WHERE {_OF} "
    "GROUP BY asked.box, asked.stream, asked.epoch"
)
_FIRST_SINCE = (
    f"{_EPOCHS}, MIN(kept.seq) FROM asked CROSS JOIN results_ledgerrow AS kept WHERE {_OF} AND kept.received_ms >= %s "
    "GROUP BY asked.box, asked.stream, asked.epoch"
)
_HELD = (
    f"{_EPOCHS}, kept.seq FROM asked CROSS JOIN results_ledgerrow AS kept WHERE {_OF} AND kept.state = 'held' "
    "ORDER BY kept.seq"
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
    "FROM results_ledgerrow WHERE device_id = %s AND stream = %s AND epoch = %s) AS numbered GROUP BY island ORDER BY 1"
)
"""In SQL because every answer asks them: the ORM takes longer to write them than the database to answer."""
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


_HEARD = Q(revoked_ms=None) | Q(closed_ms=None) & ~Q(wipe_asked_ms=None, return_asked_ms=None)
"""Whose letters are read: boxes in service, and those of which only the proof that they are wiped is awaited."""


class DjangoStore:
    """The clinic's record, as the wire needs it."""

    aside_max = ASIDE_MAX

    def __init__(self, pen: Pen | None = None) -> None:
        """`pen` writes the orders that a report calls for; without one, such a report is held."""
        self._pen = pen

    def transaction(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def take_turns(self, batch: Sequence[Read]) -> None:
        """At the start of a batch, where the database lets several processes write at once.

        Batches of nothing but cares go beside one another: they write in one order, and the ledger's head last.
        Anything else goes alone, or two processes could lock boxes, orders and head crosswise.
        """
        if connection.vendor == "postgresql":
            _ask(_BESIDE if all(map(self.is_quick, batch)) else _ALONE, INGEST_LOCK)

    def is_quick(self, one: Read) -> bool:
        """Whether it is written together with others like it."""
        return one.arrival is not None and is_of_a_care(one.arrival.report)

    def keys_of(self, boxes: Collection[str]) -> dict[str, PublicKeys]:
        found = Device.objects.filter(_HEARD, id__in=[text(box) for box in boxes])
        return {
            box: (PublicKeys if revoked_ms is None else LastWordKeys)(verify=bytes(verify), seal=bytes(sealing))
            for box, verify, sealing, revoked_ms in found.values_list("id", "verify_key", "seal_key", "revoked_ms")
        }

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        first: dict[Identity, int] = {}
        for number, arrival in enumerate(arrivals):
            first.setdefault(arrival.identity, number)
        new = self._enter({identity: arrivals[number] for identity, number in first.items()})
        cares = [(row, a.report) for row, a in new.values() if a.report is not None and is_of_a_care(a.report)]
        for row, unfit in record.write_cares(cares) if cares else ():
            _hold(row.pk, unfit)
        for row, arrival in new.values():
            if arrival.report is not None and not is_of_a_care(arrival.report):
                _write(LedgerRow.objects.select_related("device").get(pk=row.pk), arrival.report, self._pen)
        if new:  # what is only repeated is no sign of life
            _heard({told.box for told in new}, max(arrival.received_ms for _, arrival in new.values()))
        again = [a for n, a in enumerate(arrivals) if a.identity not in new or first[a.identity] != n]
        known = _digests([a.identity for a in again])
        others = iter([self._compare(a, *known[a.identity]) for a in again])
        entered = (a.identity in new and first[a.identity] == n for n, a in enumerate(arrivals))
        return [Kept.NEW if is_new else next(others) for is_new in entered]

    def _enter(self, arrivals: Mapping[Identity, Arrival]) -> dict[Identity, tuple[Filed, Arrival]]:
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

    def _compare(self, arrival: Arrival, digest: str, content_digest: str) -> Kept:
        """With what the ledger has under its identity."""
        if digest == _digest(arrival.payload):
            return Kept.AGAIN
        if arrival.report is not None and content_digest == _digest(encode(arrival.report)):
            return Kept.AGAIN
        told = arrival.identity
        which = f"{told.box}/{told.stream}/{told.epoch}/{told.seq}"
        problem = f"the report {which} came again with another content; the first one stays"
        if self._set_aside(Quarantine.Kind.CONFLICT, which, arrival.payload, problem, arrival.received_ms):
            log.error("conflict: %s (box %s)", problem, told.box)
        return Kept.CONFLICT

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        if self._set_aside(Quarantine.Kind.UNREADABLE, topic, payload, problem, received_ms):
            log.warning("quarantine: %r on %r", problem, topic)

    def standings(self, of: Collection[Epoch]) -> dict[Epoch, Standing]:
        held: dict[Epoch, list[int]] = {}
        for box, stream, epoch, seq in _among(_HELD, of):
            held.setdefault((box, stream, epoch), []).append(seq)
        found = dict.fromkeys(of, Standing((), ()))
        for box, stream, epoch, count, first, last in _among(_SPANS, of):
            one = (box, stream, epoch)
            spans = [(first, last)] if last - first + 1 == count else _ask(_ISLANDS, *one)
            has = tuple(wire.Range(first=a, last=b) for a, b in spans)
            found[one] = Standing(has, ranges(held.get(one, [])))
        return found

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        return {(box, stream, epoch): seq for box, stream, epoch, seq in _among(_FIRST_SINCE, of, since_ms)}

    def next_acks(self, count: int) -> tuple[str, range]:
        found = _ask(_NEXT, count)
        if not found:
            LedgerHead.objects.get_or_create(pk=1, defaults={"ledger": secrets.token_hex(8)})
            found = _ask(_NEXT, count)
        [(ledger, serial)] = found
        return ledger, range(serial - count + 1, serial + 1)

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None:
        _check_hello(hello)
        if not is_news(box, hello.sent.boot, "hello_ms", hello.sent.monotonic_ms, received_ms):
            return  # a broker's repetition: it is answered all the same, and says nothing of now
        device = Device.objects.get(id=box)
        _heard({box}, received_ms)
        Hello.objects.update_or_create(
            device=device,
            defaults={
                "received_ms": received_ms,
                **interpret.raw(hello.sent),
                "orders_through": hello.orders_through,
                "keeps": [{"stream": k.stream, "epoch": k.epoch, "last": k.last} for k in hello.keeps],
            },
        )
        boot = corrected_time.learn(device, hello)
        if boot is not None:
            record.retime_boot(device, boot)

    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        state = _checked(state)
        if state.equipment is not None and not heartbeats.keep(Device.objects.get(id=box), state, received_ms):
            return  # a broker's memory, or its lie: it says nothing of now
        told: dict[str, int | str | bool] = {"alive": state.alive, "boot": state.boot, "version": state.version}
        if state.equipment is not None:
            told["every_s"] = state.equipment.every_s
        if not retained:  # a retained one is repeated whenever we come back: it says nothing of when
            told["state_ms"] = received_ms
            if state.alive:  # a last will is sent by the broker, not by the box
                told["last_seen_ms"] = received_ms
        Device.objects.filter(id=box).update(**told)

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        return letters_after(box, has, now_ms)

    def _set_aside(self, kind: Quarantine.Kind, topic: str, payload: bytes, problem: str, at_ms: int) -> bool:
        """Whether it is a new one: what is only counted writes no line of the log, or one box could fill it."""
        told = text(topic.encode(errors="replace").decode())
        digest = _digest(topic.encode(errors="surrogatepass") + b"\0" + payload)
        if _counted(kind, digest, at_ms):
            return False
        whose = told.partition("/")[0] if kind == Quarantine.Kind.CONFLICT else told.rpartition("/")[0]
        kept = Quarantine.objects.filter(kind=kind, topic__startswith=f"{whose}/")
        if kept[: self.aside_max].count() >= self.aside_max:
            told, payload, digest = whose, b"", _digest(whose.encode(errors="replace"))
            problem = (
                f"more than {self.aside_max} different arrivals of {whose} were set aside: the later ones are counted "
                f"here and not kept, what was not acknowledged stays on the box; mend the box, or take its certificate "
                f"from the broker"
            )
            if _counted(kind, digest, at_ms):
                return False
        _, new = Quarantine.objects.get_or_create(
            kind=kind,
            digest=digest,
            defaults={
                "topic": told,
                "payload": payload,
                "problem": text(problem),
                "code": problems.code_of(problem),
                "first_ms": at_ms,
                "last_ms": at_ms,
            },
        )
        return new


def _counted(kind: Quarantine.Kind, digest: str, at_ms: int) -> bool:
    """Whether this very thing was set aside before: then once more."""
    seen = Quarantine.objects.filter(kind=kind, digest=digest)
    return bool(seen.update(times=F("times") + 1, last_ms=at_ms))


def settle_row(row: LedgerRow, report: Report | None, pen: Pen | None) -> None:
    """Save a row that was held, or is new, and write what it says; hold it when the record cannot take it."""
    if report is not None:
        row.state, row.problem, row.code = LedgerRow.State.STORED, "", ""
        row.report, row.content_digest = text(report.id)[:64], _digest(encode(report))
    row.save()
    if report is not None and not _write(row, report, pen):
        row.refresh_from_db()


def _write(row: LedgerRow, report: Report, pen: Pen | None) -> bool:
    """What the report says; False when the record cannot take it: then its row is held."""
    try:
        with transaction.atomic():
            record.write(row, report, pen)
    except Unfit as unfit:
        _hold(row.pk, unfit)
        return False
    return True


def _hold(pk: int, unfit: Unfit) -> None:
    problem = text(str(unfit))
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [problem, problems.code_of(problem), pk])


def _new_row(arrival: Arrival) -> dict[str, Any]:
    told, report = arrival.identity, arrival.report
    columns = {
        "device_id": told.box,
        "stream": told.stream,
        "epoch": told.epoch,
        "seq": told.seq,
        "payload": arrival.payload,
        "digest": _digest(arrival.payload),
        "received_ms": arrival.received_ms,
    }
    if report is None:
        problem = text(arrival.problem)
        return {**columns, "state": "held", "problem": problem, "code": problems.code_of(problem)}
    return {**columns, "state": "stored", "report": text(report.id)[:64], "content_digest": _digest(encode(report))}


def _digests(identities: Sequence[Identity]) -> dict[Identity, tuple[str, str]]:
    """Of the letter and of the report inside, by what the ledger has of these."""
    names = [(i.box, i.stream, i.epoch, i.seq) for i in identities]
    return {
        Identity(box=box, stream=stream, epoch=epoch, seq=seq): (digest, content)
        for box, stream, epoch, seq, digest, content in _among(_DIGESTS, names)
    }


def _among(statement: str, asked: Collection[tuple[str | int, ...]], *more: int) -> list[tuple[Any, ...]]:
    """Ask about several at once: `{asked}` stands for their names, which come before whatever else it asks for."""
    if not asked:
        return []
    one = f"({', '.join(['%s'] * len(next(iter(asked))))})"
    return _ask(statement.format(asked=", ".join([one] * len(asked))), *chain.from_iterable(asked), *more)


def _heard(boxes: Collection[str], at_ms: int) -> None:
    """To the second: a backlog does not write it for each of its reports."""
    late = (
        Q(last_seen_ms=None) | Q(last_seen_ms__lte=at_ms - SEEN_EVERY_MS) | Q(last_seen_ms__gte=at_ms + SEEN_EVERY_MS)
    )
    found = Device.objects.filter(late, id__in=boxes).order_by("id")
    if connection.features.has_select_for_no_key_update:
        found = found.select_for_update(no_key=True)  # in one order everywhere
    due = list(found.values_list("id", flat=True))
    if due:
        Device.objects.filter(id__in=due).update(last_seen_ms=at_ms)


def _ask(statement: str, *parameters: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _check_hello(hello: wire.Hello) -> None:
    interpret.check_stamps(hello.sent)
    interpret.check_whole(hello.orders_through, hello.plan_serial, *(k.last for k in hello.keeps))
    if hello.former:
        former = hello.former
        interpret.check_whole(former.sent_monotonic_ms, former.received_monotonic_ms, former.server_ms)
        interpret.check_boot(former.boot)


def _checked(state: wire.BoxState) -> wire.BoxState:
    """In words and numbers that every database takes. Raises Unfit."""
    boot = text(state.boot)[: interpret.BOOT_MAX]
    plain = structs.replace(state, boot=boot, version=text(state.version)[:VERSION_MAX])
    told = state.equipment
    if told is None:
        return plain
    interpret.check_stamps(told.at, *((told.tested.made,) if told.tested else ()))
    interpret.check_whole(told.machine_off_ms or 0)
    if told.at.boot != state.boot:
        raise Unfit("a heartbeat of one boot, made in another")
    at = structs.replace(told.at, boot=boot)
    return structs.replace(plain, equipment=structs.replace(told, at=at, system=text(told.system)))


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
