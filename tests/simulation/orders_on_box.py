"""The orders on a box: signed by the clinic, kept once, refused for a reason; the plan never goes back."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.shell.orders import PlanInForce, Receipts
from mqtt_bridge.contract.order import Order
from tests.simulation.box import Box, Link
from tests.simulation.must import Broken, must
from tests.simulation.record import Record
from tests.simulation.times import BoxTimes

if TYPE_CHECKING:
    from tests.simulation.truths import Truths


@dataclass
class OrdersOnBox:
    """Of one box."""

    box: Box
    clinic: "Truths"
    times: BoxTimes
    issued: dict[str, Order] = field(default_factory=dict)
    kept_ever: dict[str, int] = field(default_factory=dict)
    refused_ever: set[str] = field(default_factory=set)
    plan_serial: int = 0
    _receipts: Receipts | None = None

    def link_lost(self) -> None:
        """A plan that was superseded may still be on its way, or be replayed, and is in force until the next answer.

        The clinic sends none (`Truths.clinic_sends`), and the last one is there in the end (`_plan_is_missing`).
        """
        self.plan_serial, self._receipts = 0, None

    def kiosk_applies(self, found: PlanInForce) -> None:
        """The plan by which a care is offered: the newest that the box has been seen to keep, or a newer one."""
        must(found.problem != "unsigned", f"the kiosk cannot read its plan: {found.why}")
        if found.plan is not None and not found.problem:
            serial = self.clinic.serial_of(found.plan.version)
            must(serial >= self.plan_serial, f"the kiosk goes by the plan {serial}, and the box has {self.plan_serial}")

    def check(self, link: Link, *, now: bool = True) -> None:
        """now: what is new has come this instant, and can be held to the clock."""
        new = self._kept_orders(link, now=now)
        self._refusals_are_true(link, now=now)
        self._plan_never_goes_back(link)
        if any(kind == "read" for kind in new):
            self._nobody_is_said_to_have_read()

    def _kept_orders(self, link: Link, *, now: bool) -> list[str]:
        new: list[str] = []
        query = "SELECT serial, id, kind, letter FROM orders"
        for serial, name, kind, letter in link.store._database.execute(query).fetchall():
            order = self.clinic.order_in(letter)
            told = (serial, name, self.box.name)
            must(told == (order.serial, order.id, order.box), f"{order.id} is kept as {told}")
            if name not in self.kept_ever:
                new.append(kind)
                if now:
                    self._in_time(order)
            self.kept_ever[name] = serial
        return new

    def _in_time(self, order: Order) -> None:
        now = self.box.link.clock()
        late = now.trusted and order.expires_ms <= now.wall_ms
        must(not late, f"{order.id} had expired, and was taken")

    def _refusals_are_true(self, link: Link, *, now: bool) -> None:
        """A refusal is for good: a valid order that a wrong clock refused would never be in force."""
        refused = {name for (name,) in link.store._database.execute("SELECT id FROM refused").fetchall()}
        for name in sorted(refused - self.refused_ever) if now else ():
            order = self.clinic.order_of(name)
            true = self.times.refuses(order, self.clinic.world.now_ms) or self._has_its_serial(order)
            must(true, f"the box refuses {name}, which is valid by all that the clinic has told it of the time")
        self.refused_ever |= refused

    def _has_its_serial(self, order: Order) -> bool:
        return any(order.serial == serial for name, serial in self.kept_ever.items() if name != order.id)

    def _plan_never_goes_back(self, link: Link) -> None:
        newest = link.store.newest_letter("plan")
        serial = newest[0] if newest else 0
        must(serial >= self.plan_serial, f"the plan in force went back from {self.plan_serial} to {serial}")
        self.plan_serial = serial

    def _nobody_is_said_to_have_read(self) -> None:
        if self._receipts is None:
            self._receipts = Receipts(self.box.reader, self.box.enrolment)
        self._receipts.look()
        said = set().union(*self._receipts._read.values())
        must(said <= self.clinic.readings(self.box.name), "the box says that someone has read what nobody has")

    def missing(self, record: Record) -> str:
        soon_ms = self.clinic.world.now_ms + 3_600_000
        if self._plan_is_missing(record, soon_ms):
            return "the last plan is not on the box"
        for order, (serial, accepted) in record.orders(self.box.name).items():
            known = self.issued.get(order)
            if (
                known is not None
                and accepted is None
                and known.expires_ms > soon_ms
                and not self.clinic.superseded(order, record)
            ):
                return f"{order} (serial {serial}) is not confirmed"
            if accepted and order not in self.kept_ever:
                raise Broken(f"the clinic believes that the box has {order}, and it never had")
        return ""

    def _plan_is_missing(self, record: Record, soon_ms: int) -> bool:
        """Confirmed once is not enough: link.db may have been lost since, and the letter on its way again."""
        newest = self.clinic.newest_plan(self.box.name, record)
        if newest is None or newest.expires_ms <= soon_ms or record.orders(self.box.name)[newest.id][1] is False:
            return False
        kept = self.box.link.store.newest_letter("plan")
        return kept is None or kept[0] < newest.serial
