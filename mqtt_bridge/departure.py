"""The end of a box's life at its clinic: how far it has come, in one file that the link writes and the kiosk reads.

kept       revoked and not wiped: nothing more is begun, what is here stays here, until the box is enrolled anew
draining   asked back: nothing more is begun, what is here goes to the clinic
wiping     records are being destroyed: the kiosk's by the kiosk, then the link's
proving    nothing is left but the keys; the clinic is told, under them, and has to answer
ending     the keys are being destroyed
gone       the box is nobody's; the screen says so until it is enrolled again

Each step is on the disk before it begins, and may be done again: a box that is switched off goes on where it was.
"""

import os
from pathlib import Path
from typing import Literal

from mqtt_bridge import seal
from mqtt_bridge.contract.codec import ContractError, Count, Word, decode, encode
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.order import Order, ReturnOrder, RevokedOrder, WipeOrder
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.wiping import sync_folder

Kind = Literal["wipe", "return", "revoked"]
Phase = Literal["kept", "draining", "wiping", "proving", "ending", "gone"]
IN_SERVICE: frozenset[Phase] = frozenset({"kept", "draining"})
"""While nothing is destroyed: the link talks to the clinic as before, the kiosk writes what was begun."""
FILE = "departure.json"


class Departure(Word, frozen=True):
    """letter: the clinic's order as it came, so that whoever destroys something has verified it; none in the end.

    lost, uncounted: as in `BoxWiped`.
    """

    kind: Kind
    phase: Phase
    order: Identifier
    began: Stamp
    letter: bytes = b""
    lost: Count = 0
    uncounted: bool = False


def read(data: Path) -> Departure | None:
    """How far the box has come; None: it is in service, or nobody's yet. Raises ContractError: not to be read."""
    try:
        return decode((data / FILE).read_bytes(), Departure)
    except FileNotFoundError:
        return None


def write(data: Path, departure: Departure) -> None:
    """On the disk when this returns, whole or not at all. Raises OSError."""
    fresh = data / f"{FILE}.fresh"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o660)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encode(departure))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data / FILE)
    sync_folder(data)


def forget(data: Path) -> None:
    """The box is enrolled anew."""
    (data / FILE).unlink(missing_ok=True)
    sync_folder(data)


def read_order(letter: bytes, enrolment: Enrolment) -> tuple[Order, Kind]:
    """The order to leave, and which. Raises ContractError: not signed by the clinic, not to this box, another order."""
    order = decode(seal.open_body(seal.verify(letter, enrolment.clinic), enrolment.keys), Order)
    if order.box != enrolment.place.box:
        raise ContractError(f"order {order.id} is for the box {order.box}")
    match order.content:
        case WipeOrder():
            return order, "wipe"
        case ReturnOrder():
            return order, "return"
        case RevokedOrder():
            return order, "revoked"
        case _:
            raise ContractError(f"order {order.id} is no order to leave")


def is_ordered(departure: Departure, enrolment: Enrolment) -> bool:
    """Whether the clinic has really ordered it: a file is no order."""
    try:
        order, kind = read_order(departure.letter, enrolment)
    except ContractError:
        return False
    return (order.id, kind) == (departure.order, departure.kind)
