"""gpiozero's door on its mock pins: edges arrive, the light follows, nothing is guessed."""

import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.button.debounce import Contact, Push, feel
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


def test_the_second_light_is_on_while_the_box_serves() -> None:
    button = PinButton("mock", PIN, LED, serving_pin=22)
    lit = button.factory.pin(22)  # type: ignore[attr-defined]
    assert lit.state
    button.light("off")
    assert lit.state, "it tells of the box, not of the care"
    button.close()


def test_one_line_for_two_things_is_an_error_that_teaches() -> None:
    with pytest.raises(ButtonError, match="serving"):
        PinButton("mock", PIN, LED, serving_pin=LED)


def test_what_could_not_be_opened_holds_nothing() -> None:
    """Other lines may be tried then, and some of these may be among them."""
    before = set(Path("/proc/self/fd").iterdir())
    for _ in range(3):
        with pytest.raises(ButtonError):
            PinButton("mock", PIN, LED, serving_pin=LED)
    assert set(Path("/proc/self/fd").iterdir()) <= before


def test_a_button_that_nobody_presses_wakes_nobody() -> None:
    """A thread that waits for a long press would wake ten times a second, day and night."""
    before = set(threading.enumerate())
    button = PinButton("mock", PIN, LED)
    rehearsal = Rehearsal(button, PIN, None)
    for mode in ("breathing", "off"):  # the light breathes by a thread of its own, which ends with it
        button.light(mode)
    for down in (True, False):
        rehearsal.move(down=down)
    assert set(threading.enumerate()) <= before  # one of an earlier test may end meanwhile
    rehearsal.close()
    button.close()


def test_every_bounce_of_the_contact_arrives_and_one_press_is_felt(button: PinButton) -> None:
    rehearsal = Rehearsal(button, PIN, None)
    for down in (True, False, True, False, True):
        rehearsal.move(down=down)
    edges = button.edges()
    assert [edge.down for edge in edges] == [True, False, True, False, True]
    contact = Contact()
    pushes: list[Push] = []
    for edge in edges:
        contact, felt = feel(contact, edge)
        pushes += felt
    assert pushes == [Push.PRESSED]
    rehearsal.close()


@pytest.mark.parametrize("chip", [None, 31])
def test_a_factory_or_a_chip_that_is_not_there_is_an_error_that_teaches(chip: int | None) -> None:
    with pytest.raises(ButtonError, match=r"kiosk\.toml"):
        PinButton("lgpio", PIN, LED, chip)


def test_the_factory_of_old_kernels_says_what_to_take_where_its_library_is_not() -> None:
    """Neither this workstation nor the image has RPi.GPIO."""
    with pytest.raises(ButtonError, match=r"take lgpio.*kiosk\.toml"):
        PinButton("rpigpio", PIN, LED)
