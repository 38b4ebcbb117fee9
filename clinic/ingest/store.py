"""`ClinicStore` over Django: the ledger row and what the report says, in the one transaction of ClinicEnd."""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager

from django.db import connection, transaction
from django.db.models import F

from clinic.fleet import corrected_time
from clinic.fleet.models import Device, Hello
from clinic.plans.orders import letters_after
from clinic.results import interpret, problems
from clinic.results.models import LedgerHead, LedgerRow, Quarantine
from mqtt_bridge.clinic_end import Arrival, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, encode
from mqtt_bridge.contract.report import Report
from mqtt_bridge.seal import PublicKeys

SEQ_MAX = 2**53
VERSION_MAX = 100

log = logging.getLogger(__name__)


class DjangoStore:
    """The clinic's record, as the wire needs it."""

    def transaction(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def take_turns(self) -> None:
        """At the start of a batch: two ingest processes on one PostgreSQL would lock boxes and head crosswise."""
        if connection.features.has_select_for_update:
            LedgerHead.objects.select_for_update().filter(pk=1).first()

    def box_keys(self, box: str) -> PublicKeys | None:
        known = Device.objects.filter(id=interpret.text(box), revoked_ms=None).first()
        return known.keys if known else None

    def keep(self, arrival: Arrival) -> Kept:
        if not 1 <= arrival.identity.seq <= SEQ_MAX:
            raise ContractError(f"a report numbered {arrival.identity.seq}: numbers start at 1 and end at 2^53")
        row, made = _row(arrival)
        if made:
            settle_row(row, arrival.report)
            return Kept.NEW
        if _same(row, arrival):
            return Kept.AGAIN
        identity = arrival.identity
        problem = f"the report {row} came again with another content; the first one stays"
        self._set_aside(Quarantine.Kind.CONFLICT, str(row), arrival.payload, problem, arrival.received_ms)
        log.error("conflict: %s (box %s)", problem, identity.box)
        return Kept.CONFLICT

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        self._set_aside(Quarantine.Kind.UNREADABLE, topic, payload, problem, received_ms)
        log.warning("quarantine: %s on %r", problem, topic)

    def standing(self, box: str, stream: str, epoch: str) -> Standing:
        rows = LedgerRow.objects.filter(device_id=box, stream=stream, epoch=epoch).order_by("seq")
        stored: list[int] = []
        held: list[int] = []
        for seq, state in rows.values_list("seq", "state"):
            (held if state == LedgerRow.State.HELD else stored).append(seq)
        return Standing(tuple(stored), tuple(held))

    def next_ack(self) -> tuple[str, int]:
        if not LedgerHead.objects.filter(pk=1).update(serial=F("serial") + 1):
            LedgerHead.objects.get_or_create(pk=1, defaults={"ledger": secrets.token_hex(8)})
            LedgerHead.objects.filter(pk=1).update(serial=F("serial") + 1)
        head = LedgerHead.objects.get(pk=1)
        return head.ledger, head.serial

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None:
        _check_hello(hello)
        device = Device.objects.get(id=box)
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
            interpret.retime_boot(device, boot)

    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        boot, version = interpret.text(state.boot)[: interpret.BOOT_MAX], interpret.text(state.version)[:VERSION_MAX]
        told: dict[str, int | str | bool] = {"alive": state.alive, "boot": boot, "version": version}
        if not retained:  # a retained one is repeated whenever we come back: it says nothing of when
            told["state_ms"] = received_ms
            if state.alive:  # a last will is sent by the broker, not by the box
                told["last_seen_ms"] = received_ms
        Device.objects.filter(id=box).update(**told)

    def orders_after(self, box: str, serial: int, now_ms: int) -> Iterator[bytes]:
        return letters_after(box, serial, now_ms)

    def _set_aside(self, kind: Quarantine.Kind, topic: str, payload: bytes, problem: str, at_ms: int) -> None:
        seen, made = Quarantine.objects.get_or_create(
            kind=kind,
            digest=_digest(topic.encode(errors="surrogatepass") + b"\0" + payload),
            defaults={
                "topic": interpret.text(topic.encode(errors="replace").decode()),
                "payload": payload,
                "problem": interpret.text(problem),
                "code": problems.code_of(problem),
                "first_ms": at_ms,
                "last_ms": at_ms,
            },
        )
        if not made:
            Quarantine.objects.filter(pk=seen.pk).update(times=F("times") + 1, last_ms=at_ms)


def settle_row(row: LedgerRow, report: Report | None) -> None:
    """Write what a new row, or a held one, says; hold it with the reason when the record cannot take it."""
    if report is None:
        return
    try:
        with transaction.atomic():
            interpret.write(row, report)
    except interpret.Unfit as unfit:
        row.state, row.problem = LedgerRow.State.HELD, interpret.text(str(unfit))
    else:
        row.state, row.problem, row.report = LedgerRow.State.STORED, "", interpret.text(report.id)[:64]
    row.code = problems.code_of(row.problem)
    row.content_digest = _digest(encode(report))
    row.save(update_fields=["state", "problem", "code", "report", "content_digest"])


def _row(arrival: Arrival) -> tuple[LedgerRow, bool]:
    identity = arrival.identity
    device = Device.objects.get(id=identity.box)
    _heard(device, arrival.received_ms)
    return LedgerRow.objects.get_or_create(
        device=device,
        stream=identity.stream,
        epoch=identity.epoch,
        seq=identity.seq,
        defaults={
            "state": LedgerRow.State.HELD,
            "payload": arrival.payload,
            "digest": _digest(arrival.payload),
            "received_ms": arrival.received_ms,
            "problem": interpret.text(arrival.problem),
            "code": problems.code_of(arrival.problem),
        },
    )


def _same(row: LedgerRow, arrival: Arrival) -> bool:
    if row.digest == _digest(arrival.payload):
        return True
    return arrival.report is not None and row.content_digest == _digest(encode(arrival.report))


def _heard(device: Device, at_ms: int) -> None:
    Device.objects.filter(pk=device.pk).update(last_seen_ms=at_ms)


def _check_hello(hello: wire.Hello) -> None:
    interpret.check_stamps(hello.sent)
    interpret.check_whole(hello.orders_through, *(k.last for k in hello.keeps))
    if hello.former:
        former = hello.former
        interpret.check_whole(former.sent_monotonic_ms, former.received_monotonic_ms, former.server_ms)
        interpret.check_boot(former.boot)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
