"""The clinic's real database, as ingest and the console know it, under the same schedules: `--store django`.

Django holds one connection and one configuration in a process, so this form needs a process of its own.
"""

import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections, transaction

from mqtt_bridge.clinic_store import Arrival, Epoch, Has, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.order import Order as ContractOrder
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.seal import PublicKeys
from tests.simulation.box import PATIENT
from tests.simulation.record import DATABASE, Row, digest_of, kind_of
from tests.simulation.world import Parts

_begin_with: dict[str, bytes] = {}
"""The empty database, once it is made."""


def prepare(folder: Path) -> Parts:
    """Once in a process: Django, and an empty database of this version for every schedule to begin with."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    _use(folder / DATABASE)
    call_command("migrate", database="default", verbosity=0, interactive=False)
    connections["default"].close()
    _begin_with["empty"] = (folder / DATABASE).read_bytes()
    return Parts(record=DjangoRecord, disk_errors=(sqlite3.Error, django.db.Error))


def _use(path: Path) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = str(path)


class DjangoRecord:
    """`clinic.ingest.store.DjangoStore`, and what the simulation asks beside it."""

    def __init__(self, folder: Path, ledger: str) -> None:
        from clinic.ingest.store import DjangoStore
        from clinic.people.models import Patient
        from clinic.results.models import LedgerHead

        path = folder / DATABASE
        if not path.exists():
            path.write_bytes(_begin_with["empty"])
        _use(path)
        self._store = DjangoStore()
        with transaction.atomic():
            Patient.objects.get_or_create(id=PATIENT, defaults={"given": "J", "family": "M", "address_as": "J M"})
            LedgerHead.objects.get_or_create(pk=1, defaults={"ledger": ledger})

    def close(self) -> None:
        connections["default"].close()

    def transaction(self) -> AbstractContextManager[None]:
        return self._store.transaction()

    def keys_of(self, boxes: Collection[str]) -> dict[str, PublicKeys]:
        return self._store.keys_of(boxes)

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        return self._store.keep_all(arrivals)

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        self._store.quarantine(topic, payload, problem, received_ms)

    def standings(self, of: Collection[Epoch]) -> dict[Epoch, Standing]:
        return self._store.standings(of)

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        return self._store.first_since(of, since_ms)

    def next_acks(self, count: int) -> tuple[str, range]:
        return self._store.next_acks(count)

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None:
        self._store.heard_hello(box, hello, received_ms)

    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        self._store.heard_state(box, state, received_ms, retained=retained)

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        return self._store.orders_after(box, has, now_ms)

    # Beside the port

    def enrol(self, box: str, keys: PublicKeys) -> None:
        from clinic.fleet.boxes import register
        from clinic.fleet.models import Device
        from clinic.people.models import Patient

        if not Device.objects.filter(id=box).exists():
            with transaction.atomic():
                register(box, keys, Patient.objects.get(id=PATIENT))

    def revoke(self, box: str) -> None:
        from clinic.fleet.boxes import revoke
        from clinic.fleet.models import Device

        revoke(Device.objects.get(id=box))

    def next_serial(self, box: str, now_ms: int) -> int:
        from clinic.plans.models import Order

        last = Order.objects.filter(device_id=box).order_by("-serial").first()
        return max(last.serial + 1 if last else 1, now_ms)

    def issue(self, order: ContractOrder, letter: bytes) -> None:
        from clinic.plans.models import Order
        from clinic.plans.orders import letter_digest

        Order.objects.create(
            order=order.id,
            device_id=order.box,
            serial=order.serial,
            kind=Order.Kind(kind_of(order)),
            letter=letter,
            digest=letter_digest(letter),
            issued_ms=order.issued_ms,
            expires_ms=order.expires_ms,
        )

    def rows(self) -> list[Row]:
        from clinic.results.models import LedgerRow

        told = ("listening__session__session", "evaluation__session__session", "helprequest__help")
        found = LedgerRow.objects.order_by("pk").values_list("device_id", "stream", "epoch", "seq", "state", *told)
        return [
            Row(
                Identity(box=b, stream="kiosk" if s == "kiosk" else "link", epoch=e, seq=n),
                _mark(s, heard or asked or call, held=state == "held"),
                state == "held",
            )
            for b, s, e, n, state, heard, asked, call in found
        ]

    def quarantined(self) -> set[str]:
        from clinic.results.models import Quarantine

        return {digest_of(bytes(payload)) for payload in Quarantine.objects.values_list("payload", flat=True)}

    def orders(self, box: str) -> dict[str, tuple[int, bool | None]]:
        from clinic.plans.models import Order

        found = Order.objects.filter(device_id=box).values_list("order", "serial", "accepted", "received_ms")
        return {o: (serial, accepted if received is not None else None) for o, serial, accepted, received in found}

    def new_ledger(self, ledger: str) -> None:
        from clinic.results.models import LedgerHead

        LedgerHead.objects.update(ledger=ledger)


def _mark(stream: str, session: str | None, *, held: bool) -> str:
    """The record does not keep an order's name with the row: the link's own reports are not counted one by one."""
    return "" if held else session or f"order of {stream}"
