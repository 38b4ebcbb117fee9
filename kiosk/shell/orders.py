"""The clinic's orders as the kiosk believes them: it checks each letter's signature itself, before it plays."""

from dataclasses import dataclass

from kiosk.journey.events import PlanProblem, Resident
from mqtt_bridge import seal
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.order import Order, PlanOrder, ReadReceipt, check_plans
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.reading import KeptOrder, LinkReader

FUTURE_MS_MAX = 10 * 60_000


@dataclass(frozen=True)
class PlanInForce:
    """`why` is for the log: what staff must know when no care can be chosen. others: on a shared box."""

    plan: CarePlan | None
    problem: PlanProblem
    why: str = ""
    others: tuple[Resident, ...] = ()

    @property
    def residents(self) -> tuple[Resident, ...]:
        return (Resident(self.plan, self.problem), *self.others) if self.plan else ()


def read_order(kept: KeptOrder, enrolment: Enrolment) -> Order:
    """Raises ContractError: not signed by the clinic, not sealed to us, for another box, of another serial."""
    letter = seal.verify(kept.letter, enrolment.clinic)
    order = decode(seal.open_body(letter, enrolment.keys), Order)
    if order.serial != kept.serial:
        raise ContractError(f"order {order.id} has the serial {order.serial}, not {kept.serial}")
    if order.box != enrolment.place.box:
        raise ContractError(f"order {order.id} is for the box {order.box}")
    return order


def plan_in_force(link: LinkReader, enrolment: Enrolment, now: Stamp, known_ms: int) -> PlanInForce:
    """The newest plan, or why none plays. `known_ms`: the clinic's last word on the time, a floor for a lost clock."""
    newest = link.newest("plan")
    if newest is None:
        return PlanInForce(None, "none", "the clinic has sent no plan")
    try:
        order = read_order(newest, enrolment)
        if not isinstance(order.content, PlanOrder):
            raise ContractError(f"order {order.id} is not a plan")  # a hostile letter, not a bug
        check_plans(order.content)
    except ContractError as error:
        return PlanInForce(None, "unsigned", str(error))
    plan = order.content.plan
    if plan is None:
        return PlanInForce(None, "none", "the clinic has stopped the plan")
    others = tuple(Resident(one, _in_time(order, one, now, known_ms)[0]) for one in order.content.others)
    return PlanInForce(plan, *_in_time(order, plan, now, known_ms), others)


def _in_time(order: Order, plan: CarePlan, now: Stamp, known_ms: int) -> tuple[PlanProblem, str]:
    """Late is known from the clock or from the clinic's last word; early only from a clock that may be believed."""
    latest_ms = max(known_ms, now.wall_ms if now.trusted else 0)
    if latest_ms >= plan.period.end_ms:
        return "expired", f"plan {plan.id} version {plan.version} has expired"
    if now.trusted and now.wall_ms < max(plan.period.start_ms, order.issued_ms - FUTURE_MS_MAX):
        return "future", f"plan {plan.id} version {plan.version} is from the future"
    return "", ""


class Receipts:
    """Who has read which reports. Each receipt is opened once: a year of them must not cost a poll."""

    def __init__(self, link: LinkReader, enrolment: Enrolment) -> None:
        self._link, self._enrolment = link, enrolment
        self._opened: set[int] = set()
        self._read: dict[str, set[tuple[str, int]]] = {}
        self._names: dict[str, str] = {}

    def look(self) -> None:
        """Open what has come since."""
        for serial in set(self._link.serials("read")) - self._opened:
            kept = self._link.order(serial)
            if kept is not None:
                self._take(kept)
                self._opened.add(serial)

    def reader_of(self, reports: set[tuple[str, int]]) -> str:
        """Who has read all of these: « Claire, infirmière »; empty when nobody has read every one."""
        return next((self._names[who] for who, read in self._read.items() if reports <= read), "")

    def _take(self, kept: KeptOrder) -> None:
        try:
            content = read_order(kept, self._enrolment).content
        except ContractError:
            return  # not a receipt of our clinic's: it tells us nothing
        if isinstance(content, ReadReceipt):
            self._names[content.reader_id] = f"{content.reader.given}, {content.reader.role}"
            self._read.setdefault(content.reader_id, set()).update((r.epoch, r.seq) for r in content.reports)
