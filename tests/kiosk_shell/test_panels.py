"""A panel that is plugged again: the kiosk ends, the next one shows the same question; on a made list of connectors."""

from pathlib import Path

from kiosk.shell.panels import Panels
from tests.support.shell import Bedside


def plug(drm: Path, name: str, status: str) -> None:
    (drm / name).mkdir(parents=True, exist_ok=True)
    (drm / name / "status").write_text(f"{status}\n")


def test_what_was_away_and_is_there_is_told_once(tmp_path: Path) -> None:
    plug(tmp_path, "card1-HDMI-A-1", "connected")
    plug(tmp_path, "card1-HDMI-A-2", "disconnected")
    panels = Panels(tmp_path)
    assert panels.back() == []
    plug(tmp_path, "card1-HDMI-A-1", "disconnected")
    assert panels.back() == [], "nobody sees a picture on what is not there"
    plug(tmp_path, "card1-HDMI-A-1", "connected")
    assert panels.back() == ["card1-HDMI-A-1"]
    assert panels.back() == []
    plug(tmp_path, "card1-HDMI-A-1", "unknown")
    plug(tmp_path, "card1-HDMI-A-1", "connected")
    assert panels.back() == [], "who could not tell was not away"


def test_a_machine_without_connectors_has_no_panel_that_comes_back(tmp_path: Path) -> None:
    assert Panels(tmp_path / "none").back() == []


def look(bedside: Bedside) -> None:
    """The kiosk's own poll."""
    bedside.clock.pass_ms(31_000)
    bedside.turn()


def unplugged_and_plugged(bedside: Bedside) -> None:
    drm = bedside.folder / "drm"
    for status in ("connected", "disconnected"):
        plug(drm, "card0-DSI-1", status)
        look(bedside)
        assert not bedside.shell.closing
    plug(drm, "card0-DSI-1", "connected")
    look(bedside)
    assert bedside.shell.closing
    bedside.shell.finish()
    bedside.restart()
    look(bedside)
    assert not bedside.shell.closing, "once is enough"


def test_the_same_question_is_there_again(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.touch("cone", 7)
    before = bedside.view
    unplugged_and_plugged(bedside)
    assert bedside.view == before


def test_the_sound_goes_on_and_its_screen_comes_back(bedside: Bedside) -> None:
    bedside.to_playing()
    unplugged_and_plugged(bedside)
    assert bedside.screen == "PlayingView"
    assert bedside.player.status.phase == "playing"
    assert "Stop" not in [type(command).__name__ for command in bedside.player.commands]
