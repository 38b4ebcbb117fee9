"""Where the clinic's registrar and shelf are now, by its last order about it: a box may be enrolled for years.

enrolment.json stays as it was written: an order that is lost comes again, a file that was half rewritten does not.
"""

import logging

from msgspec import structs

from mqtt_bridge import seal
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.order import Addresses, Order
from mqtt_bridge.enrolment import Enrolment, Place
from mqtt_bridge.link.store import LinkStore

KIND = "addresses"
log = logging.getLogger(__name__)


class Whereabouts:
    """The box's place, asked at each look: the order may come at any time. Opened once for each serial."""

    def __init__(self, enrolled: Enrolment, store: LinkStore) -> None:
        self._enrolled, self._store = enrolled, store
        self._serial, self._place = 0, enrolled.place

    def __call__(self) -> Place:
        newest = self._store.newest_letter(KIND)
        if newest is not None and newest[0] != self._serial:
            self._serial = newest[0]
            try:
                self._place = applied(self._enrolled, newest[1])
            except ContractError as error:
                log.warning("an order about addresses is not believed: %s", error)
        return self._place


def applied(enrolled: Enrolment, letter: bytes) -> Place:
    """The place with what the order says. Raises ContractError: not the clinic's, not ours, another order."""
    order = decode(seal.open_body(seal.verify(letter, enrolled.clinic), enrolled.keys), Order)
    if order.box != enrolled.place.box or not isinstance(order.content, Addresses):
        raise ContractError(f"order {order.id} tells this box of no addresses")
    told = order.content
    return structs.replace(
        enrolled.place,
        registrar_host=told.registrar_host,
        registrar_port=told.registrar_port,
        shelf_host=told.shelf_host or enrolled.place.shelf_host,
        shelf_port=told.shelf_port or enrolled.place.shelf_port,
    )
