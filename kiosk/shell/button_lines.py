"""The button on the lines that a technician wrote for this box; where those cannot be had, on the delivered ones."""

import logging
from dataclasses import replace

from msgspec import structs

from kiosk.button.gpio import PinButton
from kiosk.button.port import ButtonError
from kiosk.shell.box_file import NAME, LaidOver
from kiosk.shell.config import ButtonPins

log = logging.getLogger(__name__)


def open_button(laid: LaidOver) -> tuple[PinButton, LaidOver]:
    """The button, and what is used of the file then. Raises ButtonError: the delivered lines cannot be had either.

    A line that another part of the machine holds, or a chip that is not there, must not leave a box without care.
    """
    try:
        return _opened(laid.config.button), laid
    except ButtonError as error:
        if laid.delivered is None or laid.delivered.button == laid.config.button:
            raise
        lacking = f"{NAME}: {error}: the delivered lines are used"
        log.error("the technician's lines are left out: %s", lacking)  # noqa: TRY400
        config = structs.replace(laid.config, button=laid.delivered.button)
        return _opened(config.button), replace(laid, config=config, lacking=lacking)


def _opened(pins: ButtonPins) -> PinButton:
    return PinButton(pins.factory, pins.pin, pins.led, pins.chip, pins.serving)
