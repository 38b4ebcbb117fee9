"""What the clinic has written to the people of the box: messages, deliveries, standings. Each order is opened once.

The orders stay sealed in link.db; what is opened here lives in memory alone.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.shell.orders import read_order
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.correspondence import DeliveryTold, MessageToPatient, Standing
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.reading import KeptOrder, LinkReader

KINDS = ("message", "delivery", "standing")
log = logging.getLogger(__name__)


@dataclass
class Post:
    """Of two words about one thing the one with the higher serial holds."""

    link: LinkReader
    enrolment: Enrolment
    take_standing: Callable[[Standing, int], None]
    newest_serial: int = 0
    """Of the orders opened here. Never beyond the clinic's clock, as every serial."""
    messages: dict[str, MessageToPatient] = field(default_factory=dict)
    deliveries: dict[str, DeliveryTold] = field(default_factory=dict)
    _told_by: dict[str, int] = field(default_factory=dict)
    """The serial of the word that holds about each delivery: an earlier one may come later."""
    _opened: set[int] = field(default_factory=set)

    def look(self) -> None:
        """Open what has come since. Raises StorageError: a standing could not be kept, and is taken the next time."""
        new = {serial for kind in KINDS for serial in self.link.serials(kind)} - self._opened
        for serial in sorted(new):
            kept = self.link.order(serial)
            if kept is not None:
                self._take(kept)
                self._opened.add(serial)
        self.newest_serial = max(self._opened, default=0)

    def _take(self, kept: KeptOrder) -> None:
        try:
            content = read_order(kept, self.enrolment).content
        except ContractError as error:
            log.warning("an order of kind %s is not believed: %s", kept.kind, error)
            return
        match content:
            case MessageToPatient():
                self.messages[content.message] = content
            case DeliveryTold() if kept.serial > self._told_by.get(content.delivery, 0):
                self._told_by[content.delivery] = kept.serial
                self.deliveries[content.delivery] = content
            case Standing():
                self.take_standing(content, kept.serial)
            case _:
                pass
