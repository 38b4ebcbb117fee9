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
    messages: dict[str, MessageToPatient] = field(default_factory=dict)
    deliveries: dict[str, DeliveryTold] = field(default_factory=dict)
    _opened: dict[int, bytes] = field(default_factory=dict)

    def look(self) -> None:
        """Open what has come since. Raises StorageError: a standing could not be kept, and is taken the next time."""
        for kept in reversed(self.link.orders()):
            self.newest_serial = max(self.newest_serial, kept.serial)
            if kept.kind in KINDS and self._opened.get(kept.serial) != kept.letter[-16:]:
                self._take(kept)
                self._opened[kept.serial] = kept.letter[-16:]

    def _take(self, kept: KeptOrder) -> None:
        try:
            content = read_order(kept, self.enrolment).content
        except ContractError as error:
            log.warning("an order of kind %s is not believed: %s", kept.kind, error)
            return
        match content:
            case MessageToPatient():
                self.messages[content.message] = content
            case DeliveryTold():
                self.deliveries[content.delivery] = content
            case Standing():
                self.take_standing(content, kept.serial)
            case _:
                pass
