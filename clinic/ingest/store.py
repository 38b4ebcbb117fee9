"""`ClinicStore` over Django: the ledger row and what the report says, in the one transaction of ClinicEnd."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from msgspec import structs

from clinic.fleet import corrected_time, heartbeats
from clinic.fleet.models import Device, Hello
from clinic.ingest import record
from clinic.plans.orders import Pen, letters_after
from clinic.results import interpret, problems
from clinic.results.answers import text
from clinic.results.models import LedgerHead, LedgerRow, Quarantine
from clinic.results.unfit import Unfit
from mqtt_bridge.clinic_end import Arrival, Has, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, encode
from mqtt_bridge.contract.report import Report
from mqtt_bridge.seal import PublicKeys

SEQ_MAX = 2**53
VERSION_MAX = 100
SEEN_EVERY_MS = 1000
ASIDE_MAX = 200
"""Different arrivals set aside of each box and kind: one box, stolen or broken, must not fill the clinic's disk."""

log = logging.getLogger(__name__)


_NEXT = "UPDATE results_ledgerhead SET serial = serial + 1 WHERE id = 1 RETURNING ledger, serial"
_STANDING = "SELECT seq, state FROM results_ledgerrow WHERE device_id = %s AND stream = %s AND epoch = %s ORDER BY seq"
"""In SQL because every answer asks them: the ORM takes longer to write them than the database to answer."""


class DjangoStore:
    """The clinic's record, as the wire needs it."""

    aside_max = ASIDE_MAX

    def __init__(self, pen: Pen | None = None) -> None:
        """`pen` writes the orders that a report calls for; without one, such a report is held."""
        self._pen = pen

    _sender: Device | None = None
    """The box whose keys were last asked for: the report that follows is its."""

    def transaction(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def take_turns(self) -> None:
        """At the start of a batch: two ingest processes on one PostgreSQL would lock boxes and head crosswise."""
        if connection.features.has_select_for_update:
            LedgerHead.objects.select_for_update().filter(pk=1).first()

    def box_keys(self, box: str) -> PublicKeys | None:
        self._sender = Device.objects.filter(id=text(box), revoked_ms=None).first()
        return self._sender.keys if self._sender else None

    def keep(self, arrival: Arrival) -> Kept:
        if not 1 <= arrival.identity.seq <= SEQ_MAX:
            raise ContractError(f"a report numbered {arrival.identity.seq}: numbers start at 1 and end at 2^53")
        identity = arrival.identity
        device = self._device(identity.box)
        _heard(device, arrival.received_ms)
        row = LedgerRow.objects.filter(
            device=device, stream=identity.stream, epoch=identity.epoch, seq=identity.seq
        ).first()
        if row is None:
            settle_row(_new_row(device, arrival), arrival.report, self._pen)
            return Kept.NEW
        if _same(row, arrival):
            return Kept.AGAIN
        problem = f"the report {row} came again with another content; the first one stays"
        self._set_aside(Quarantine.Kind.CONFLICT, str(row), arrival.payload, problem, arrival.received_ms)
        log.error("conflict: %s (box %s)", problem, identity.box)
        return Kept.CONFLICT

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        self._set_aside(Quarantine.Kind.UNREADABLE, topic, payload, problem, received_ms)
        log.warning("quarantine: %s on %r", problem, topic)

    def standing(self, box: str, stream: str, epoch: str) -> Standing:
        stored: list[int] = []
        held: list[int] = []
        for seq, state in _ask(_STANDING, box, stream, epoch):
            (held if state == LedgerRow.State.HELD else stored).append(seq)
        return Standing(tuple(stored), tuple(held))

    def next_ack(self) -> tuple[str, int]:
        found = _ask(_NEXT)
        if not found:
            LedgerHead.objects.get_or_create(pk=1, defaults={"ledger": secrets.token_hex(8)})
            found = _ask(_NEXT)
        [(ledger, serial)] = found
        return ledger, serial

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None:
        _check_hello(hello)
        device = self._device(box)
        _heard(device, received_ms)
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
        if state.equipment is not None and not heartbeats.keep(self._device(box), state, received_ms):
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

    def _device(self, box: str) -> Device:
        sender = self._sender
        return sender if sender is not None and sender.id == box else Device.objects.get(id=box)

    def _set_aside(self, kind: Quarantine.Kind, topic: str, payload: bytes, problem: str, at_ms: int) -> None:
        told = text(topic.encode(errors="replace").decode())
        digest = _digest(topic.encode(errors="surrogatepass") + b"\0" + payload)
        if _counted(kind, digest, at_ms):
            return
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
                return
        Quarantine.objects.get_or_create(
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


def _counted(kind: Quarantine.Kind, digest: str, at_ms: int) -> bool:
    """Whether this very thing was set aside before: then once more."""
    seen = Quarantine.objects.filter(kind=kind, digest=digest)
    return bool(seen.update(times=F("times") + 1, last_ms=at_ms))


def settle_row(row: LedgerRow, report: Report | None, pen: Pen | None) -> None:
    """Save a new row, or a held one, and write what it says; hold it when the record cannot take it, and say why."""
    if report is not None:
        row.state, row.problem, row.code = LedgerRow.State.STORED, "", ""
        row.report, row.content_digest = text(report.id)[:64], _digest(encode(report))
    row.save()
    if report is not None:
        try:
            with transaction.atomic():
                record.write(row, report, pen)
        except Unfit as unfit:
            row.state, row.problem = LedgerRow.State.HELD, text(str(unfit))
            row.report, row.code = "", problems.code_of(row.problem)
            row.save(update_fields=["state", "problem", "code", "report"])


def _new_row(device: Device, arrival: Arrival) -> LedgerRow:
    return LedgerRow(
        device=device,
        stream=arrival.identity.stream,
        epoch=arrival.identity.epoch,
        seq=arrival.identity.seq,
        state=LedgerRow.State.HELD,
        payload=arrival.payload,
        digest=_digest(arrival.payload),
        received_ms=arrival.received_ms,
        problem=text(arrival.problem),
        code=problems.code_of(arrival.problem),
    )


def _same(row: LedgerRow, arrival: Arrival) -> bool:
    if row.digest == _digest(arrival.payload):
        return True
    return arrival.report is not None and row.content_digest == _digest(encode(arrival.report))


def _heard(device: Device, at_ms: int) -> None:
    """To the second: a backlog does not write it for each of its reports."""
    if device.last_seen_ms is None or abs(at_ms - device.last_seen_ms) >= SEEN_EVERY_MS:
        Device.objects.filter(pk=device.pk).update(last_seen_ms=at_ms)


def _ask(statement: str, *parameters: str) -> list[tuple[Any, ...]]:
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
