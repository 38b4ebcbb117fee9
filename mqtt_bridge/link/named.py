"""What the plan in force names: a package that it names is not taken from under it."""

from dataclasses import dataclass

from mqtt_bridge import seal
from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.store import LinkStore


@dataclass(frozen=True)
class _Named:
    """By the newest plan, until it ends; packages None: it cannot be read, and may name anything."""

    serial: int = 0
    packages: frozenset[PackageReference] | None = frozenset()
    end_ms: int | None = None


class NamedByPlan:
    """A plan is opened once, not at each look."""

    def __init__(self, enrolment: Enrolment, store: LinkStore) -> None:
        self._enrolment, self._store, self._named = enrolment, store, _Named()

    def __call__(self, package: PackageReference, now: Stamp) -> bool:
        """Whether the plan in force names it. A plan that cannot be read may."""
        newest = self._store.newest_letter("plan")
        if newest is None:
            return False
        if self._named.serial != newest[0]:
            self._named = self._named_in(*newest)
        named = self._named
        ended = named.end_ms is not None and now.trusted and named.end_ms <= now.wall_ms
        return not ended and (named.packages is None or package in named.packages)

    def _named_in(self, serial: int, letter: bytes) -> _Named:
        try:
            opened = seal.open_body(seal.verify(letter, self._enrolment.clinic), self._enrolment.keys)
            content = decode(opened, Order).content
        except ContractError:
            return _Named(serial, None)
        plan = content.plan if isinstance(content, PlanOrder) else None
        if plan is None:
            return _Named(serial)
        return _Named(serial, frozenset(request.package for request in plan.activity), plan.period.end_ms)
