"""`ClinicStore` over Django: the ledger row and what the report says, in the one transaction of ClinicEnd."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from django.db import connection, transaction
from django.db.models import Q
from msgspec import structs

from clinic.fleet import corrected_time, heartbeats
from clinic.fleet.boots import is_news
from clinic.fleet.models import Device, Hello
from clinic.ingest import ledger, record
from clinic.ingest.ledger import digest_of
from clinic.ingest.record import is_of_a_care
from clinic.ingest.setting_aside import ASIDE_MAX, set_aside
from clinic.plans.models import Order
from clinic.plans.orders import Pen, letters_after
from clinic.results import interpret
from clinic.results.answers import text
from clinic.results.models import LedgerRow, Quarantine
from clinic.results.unfit import Unfit
from mqtt_bridge.clinic_end import Read
from mqtt_bridge.clinic_store import Arrival, Epoch, Has, Kept, LastWordKeys, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.report import Identity, Report
from mqtt_bridge.seal import PublicKeys

VERSION_MAX = 100
SEEN_EVERY_MS = 1000

log = logging.getLogger(__name__)

_HEARD = Q(revoked_ms=None) | Q(closed_ms=None)
"""Whose letters are read: boxes in service, and those of which only the last word is awaited."""


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
            ledger.take_turns(alone=not all(map(self.is_quick, batch)))

    def is_quick(self, one: Read) -> bool:
        """Whether it is written together with others like it."""
        return one.arrival is not None and is_of_a_care(one.arrival.report)

    def keys_of(self, boxes: Collection[str]) -> dict[str, PublicKeys]:
        found = Device.objects.filter(_HEARD, id__in=[text(box) for box in boxes])
        keys: dict[str, PublicKeys] = {}
        revoked: dict[str, PublicKeys] = {}
        for box, verify, sealing, revoked_ms in found.values_list("id", "verify_key", "seal_key", "revoked_ms"):
            mine = keys if revoked_ms is None else revoked
            mine[box] = PublicKeys(verify=bytes(verify), seal=bytes(sealing))
        return keys | (_for_last_words(revoked) if revoked else {})

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        first: dict[Identity, int] = {}
        for number, arrival in enumerate(arrivals):
            first.setdefault(arrival.identity, number)
        new = ledger.enter({identity: arrivals[number] for identity, number in first.items()})
        cares = [(row, a.report) for row, a in new.values() if a.report is not None and is_of_a_care(a.report)]
        for row, unfit in record.write_cares(cares) if cares else ():
            ledger.hold(row.pk, unfit)
        for row, arrival in new.values():
            if arrival.report is not None and not is_of_a_care(arrival.report):
                _write(LedgerRow.objects.select_related("device").get(pk=row.pk), arrival.report, self._pen)
        if new:  # what is only repeated is no sign of life
            _heard({told.box for told in new}, max(arrival.received_ms for _, arrival in new.values()))
        again = [a for n, a in enumerate(arrivals) if a.identity not in new or first[a.identity] != n]
        known = ledger.digests([a.identity for a in again])
        others = iter([self._compare(a, *known[a.identity]) for a in again])
        entered = (a.identity in new and first[a.identity] == n for n, a in enumerate(arrivals))
        return [Kept.NEW if is_new else next(others) for is_new in entered]

    def _compare(self, arrival: Arrival, digest: str, content_digest: str) -> Kept:
        """With what the ledger has under its identity."""
        if digest == digest_of(arrival.payload):
            return Kept.AGAIN
        if arrival.report is not None and content_digest == digest_of(encode(arrival.report)):
            return Kept.AGAIN
        told = arrival.identity
        which = f"{told.box}/{told.stream}/{told.epoch}/{told.seq}"
        kind = Quarantine.Kind.CONFLICT
        problem = f"the report {which} came again with another content; the first one stays"
        if set_aside(kind, which, arrival.payload, problem, arrival.received_ms, most=self.aside_max):
            log.error("conflict: %s (box %s)", problem, told.box)
        return Kept.CONFLICT

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        if set_aside(Quarantine.Kind.UNREADABLE, topic, payload, problem, received_ms, most=self.aside_max):
            log.warning("quarantine: %r on %r", problem, topic)

    def standings(self, of: Collection[Epoch]) -> dict[Epoch, Standing]:
        return ledger.standings(of)

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        return ledger.first_since(of, since_ms)

    def next_acks(self, count: int) -> tuple[str, range]:
        return ledger.next_acks(count)

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


def _for_last_words(keys: Mapping[str, PublicKeys]) -> dict[str, PublicKeys]:
    """Of boxes that are revoked; but those that were told nothing (by a version of before) have nothing to say."""
    wiped = Device.objects.filter(id__in=keys).exclude(wipe_asked_ms=None, return_asked_ms=None)
    told: dict[str, tuple[str, ...]] = dict.fromkeys(wiped.values_list("id", flat=True), ())
    asked = Order.objects.filter(device__in=keys.keys() - told.keys(), kind=Order.Kind.REVOKED)
    for box, order in asked.order_by("serial").values_list("device_id", "order"):
        told[box] = (*told.get(box, ()), order)
    return {box: LastWordKeys(verify=keys[box].verify, seal=keys[box].seal, told=told[box]) for box in told}


def settle_row(row: LedgerRow, report: Report | None, pen: Pen | None) -> None:
    """Save a row that was held, or is new, and write what it says; hold it when the record cannot take it."""
    if report is not None:
        row.state, row.problem, row.code = LedgerRow.State.STORED, "", ""
        row.report, row.content_digest = text(report.id)[:64], digest_of(encode(report))
    row.save()
    if report is not None and not _write(row, report, pen):
        row.refresh_from_db()


def _write(row: LedgerRow, report: Report, pen: Pen | None) -> bool:
    """What the report says; False when the record cannot take it: then its row is held."""
    try:
        with transaction.atomic():
            record.write(row, report, pen)
    except Unfit as unfit:
        ledger.hold(row.pk, unfit)
        return False
    return True


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
