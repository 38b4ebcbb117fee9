"""gpiozero's door on its mock pins: edges arrive, the light follows, nothing is guessed."""

import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.button.gpio import PinButton, Rehearsal
from kiosk.button.port import ButtonError

PIN, LED = 17, 27


@pytest.fixture
def button() -> Iterator[PinButton]:
    button = PinButton("mock", PIN, LED)
    yield button
    button.close()


def test_the_socket_drives_the_pin(button: PinButton, tmp_path: Path) -> None:
    rehearsal = Rehearsal(button, PIN, tmp_path / "button.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        for word in (b"press", b"nonsense", b"release"):
            sender.sendto(word, str(tmp_path / "button.sock"))
    rehearsal.obey()
    assert select.select([button], [], [], 5)[0]
    assert [edge.down for edge in button.edges()] == [True, False]
    rehearsal.close()


def test_the_space_bar_drives_the_same_pin(button: PinButton) -> None:
    rehearsal = Rehearsal(button, PIN, None)
    rehearsal.move(down=True)
    assert [edge.down for edge in button.edges()] == [True]
    rehearsal.close()


def test_the_light_follows(button: PinButton) -> None:
    led = button.factory.pin(LED)  # type: ignore[attr-defined]
    button.light("on")
    assert led.state
    button.light("off")
    assert not led.state


def test_a_factory_that_is_not_there_is_an_error_that_teaches() -> None:
    with pytest.raises(ButtonError, match=r"kiosk\.toml"):
        PinButton("lgpio", PIN, LED)
