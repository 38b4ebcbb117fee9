"""What the machine answers a self-test: the kiosk that runs, the kernel's panels, the link; folders made for it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.button.gpio import PinButton
from kiosk.shell import machine
from kiosk.shell.config import Config, Folders, Screen
from kiosk.shell.finding import Finding
from kiosk.shell.presence import BELL, FILE, ask
from mqtt_bridge.clock import system_clock
from mqtt_bridge.database import only_writer
from mqtt_bridge.link import presence as link_presence
from tests.support.kiosk_loop import KioskLoop
from tests.support.shell import Bedside

CLOCK = system_clock("always")


def config(folder: Path, driver: str = "kmsdrm") -> Config:
    here = str(folder)
    folders = Folders(data=here, run=here, enrolment=here, packages=here)
    return Config(folders=folders, clock="always", screen=Screen(driver=driver))  # type: ignore[arg-type]


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[KioskLoop]:
    kiosk = KioskLoop(tmp_path)
    yield kiosk
    kiosk.close()


def panel(folder: Path, name: str, status: str, enabled: str) -> Path:
    """One connector as the kernel lists it; the folder of all of them."""
    drm = folder / "drm"
    (drm / name).mkdir(parents=True)
    (drm / name / "status").write_text(f"{status}\n")
    (drm / name / "enabled").write_text(f"{enabled}\n")
    return drm


def by_name(found: Iterator[Finding]) -> dict[str, Finding]:
    return {one.name: one for one in found}


# Panel and button


def test_a_picture_is_handed_to_the_panel_and_the_buttons_line_is_read(kiosk: KioskLoop, tmp_path: Path) -> None:
    panel(tmp_path, "card1-HDMI-A-1", "disconnected", "disabled")
    drm = panel(tmp_path, "card1-DSI-1", "connected", "enabled")
    found = by_name(machine.kiosk(config(tmp_path), drm))
    assert [one.fine for one in found.values()] == [True, True], found
    assert "card1-DSI-1" in found["frames"].detail
    assert kiosk.window.presented == 1, "one more picture, for this answer"
    assert list(found) == ["frames", "button-line"]


@pytest.mark.parametrize(
    ("status", "enabled", "fine"),
    [
        ("connected", "enabled", True),
        ("unknown", "enabled", True),
        ("disconnected", "enabled", False),
        ("connected", "disabled", False),
    ],
)
def test_a_panel_counts_where_the_kernel_shows_a_picture(
    kiosk: KioskLoop, tmp_path: Path, status: str, enabled: str, *, fine: bool
) -> None:
    drm = panel(tmp_path, "card0-DSI-1", status, enabled)
    found = by_name(machine.kiosk(config(tmp_path), drm))["frames"]
    assert (found.fine, bool(found.remedy)) == (fine, not fine)


def test_a_laptops_window_needs_no_panel(kiosk: KioskLoop, tmp_path: Path) -> None:
    assert by_name(machine.kiosk(config(tmp_path, "x11"), tmp_path / "none"))["frames"].fine


def test_a_window_that_takes_nothing_and_a_button_that_cannot_be_read_are_told(
    kiosk: KioskLoop, tmp_path: Path
) -> None:
    drm = panel(tmp_path, "card0-DSI-1", "connected", "enabled")
    kiosk.button.broken = kiosk.window.refuses = True
    found = by_name(machine.kiosk(config(tmp_path), drm))
    assert [one.fine for one in found.values()] == [False, False]
    assert "refuses" in found["frames"].detail
    assert "cannot be read" in found["button-line"].detail


def test_a_contact_that_is_closed_while_nobody_presses_is_told(kiosk: KioskLoop, tmp_path: Path) -> None:
    kiosk.button.down = True
    found = by_name(machine.kiosk(config(tmp_path, "x11"), tmp_path))["button-line"]
    assert not found.fine
    assert "short-circuited" in found.detail


def test_no_kiosk_no_answer(tmp_path: Path) -> None:
    found = by_name(machine.kiosk(config(tmp_path), tmp_path))
    assert [(one.fine, one.remedy) for one in found.values()] == [(False, "systemctl status chevet-kiosk")] * 2


def test_what_a_former_kiosk_answered_is_no_answer(tmp_path: Path) -> None:
    """It was killed: its words and its bell are still there."""
    kiosk = KioskLoop(tmp_path)
    assert ask(tmp_path) is not None
    former = (tmp_path / FILE).read_bytes()
    kiosk.close()
    (tmp_path / FILE).write_bytes(former)
    (tmp_path / BELL).touch()
    assert ask(tmp_path, 0.3) is None


def test_the_shell_answers_between_its_other_work(bedside: Bedside) -> None:
    with ThreadPoolExecutor(1) as asking:
        answer = asking.submit(ask, bedside.folder)
        while not answer.done():
            bedside.turn(1)
        told = answer.result()
    assert told is not None
    assert (told.pictures, told.down, told.button) == (len(bedside.window.shown) + 1, False, "in memory")


def test_pins_are_read() -> None:
    button = PinButton("mock", 5, 6, serving_pin=7)
    try:
        assert button.look().told == "line 5 by mock, its light on 6: up, dark"
        button.light("on")
        button.factory.pin(5).drive_low()  # type: ignore[attr-defined]  # MockFactory's
        lines = button.look()
        assert (lines.down, lines.told) == (True, "line 5 by mock, its light on 6: down, lit")
    finally:
        button.close()


# Network


@contextmanager
def link(folder: Path, *, connected: bool, reason: str = "") -> Iterator[None]:
    with only_writer(folder / "link.db"):
        told = link_presence.Presence(folder, CLOCK())
        told.connection(CLOCK(), connected=connected, reason=reason)
        told.tell(CLOCK(), 0, 0)
        yield


def network(folder: Path) -> tuple[bool, str]:
    (found,) = machine.network(config(folder))
    return found.fine, found.detail


def test_the_network_is_what_the_link_has_now(tmp_path: Path) -> None:
    with link(tmp_path, connected=True):
        assert network(tmp_path) == (True, "connected to the clinic")
    assert network(tmp_path) == (False, "the link does not run"), "its last word is no connection"
    with link(tmp_path, connected=False, reason="no route to host"):
        assert network(tmp_path) == (False, "no route to host")


def test_a_link_that_has_told_nothing_is_no_connection(tmp_path: Path) -> None:
    with only_writer(tmp_path / "link.db"):
        assert network(tmp_path) == (False, "the link has told nothing yet")
