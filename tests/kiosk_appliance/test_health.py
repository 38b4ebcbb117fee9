"""Whether a start is a healthy one, and what becomes of the update that is on trial."""

from pathlib import Path

import pytest

from kiosk.appliance import health
from kiosk.appliance.health import Sign
from kiosk.appliance.looking import looks_of
from kiosk.shell.config import Config, Folders
from mqtt_bridge.update_told import UpdateTold, read, tell

TOLD = UpdateTold("a" * 64, "written", version="2026.12.1", former="2026.11.30", boot="boot-1", linked=True)


def signs(**fine: bool) -> list[Sign]:
    return [Sign(name, there, "") for name, there in fine.items()]


def test_everything_asked_must_be_fine() -> None:
    assert health.is_healthy(signs(screen=True, player=True, disk=True, link=True), linked_before=True)
    assert not health.is_healthy(signs(screen=True, player=False, disk=True, link=True), linked_before=False)


def test_the_link_is_asked_of_a_box_that_had_it() -> None:
    off = signs(screen=True, player=True, disk=True, link=False)
    assert not health.is_healthy(off, linked_before=True)
    assert health.is_healthy(off, linked_before=False)


def test_no_start_is_held_to_the_kind_of_the_key() -> None:
    """An update that made boxes with a stand-in come back would keep every one of them from every update."""
    assert health.is_healthy(signs(screen=True, player=True, disk=True, link=True, key=False), linked_before=True)


@pytest.mark.parametrize(
    ("words", "fine", "said"),
    [
        ("tpm2 opened\n", True, "tpm2"),
        ("stand-in opened\n", False, "stand-in, known to everybody"),
        ("", False, "nobody told"),
    ],
)
def test_the_health_report_names_the_kind_of_the_key(tmp_path: Path, words: str, fine: bool, said: str) -> None:  # noqa: FBT001
    here = str(tmp_path)
    (tmp_path / "key").write_text(words)
    config = Config(folders=Folders(data=here, run=here, enrolment=here, packages=here, data_key=f"{here}/key"))
    *_, key = (look() for look in looks_of(config, tmp_path))
    assert (key.name, key.fine) == ("key", fine)
    assert said in key.detail


def test_it_looks_until_all_is_well() -> None:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    healthy, last = health.watch(
        [lambda: Sign("player", len(waited) >= 2, "")], linked_before=False, seconds_max=1e9, wait=wait
    )
    assert healthy
    assert last[0].fine
    assert len(waited) == 2


def test_too_late_is_not_healthy() -> None:
    healthy, last = health.watch(
        [lambda: Sign("player", fine=False, detail="nobody answers")],
        linked_before=False,
        seconds_max=0,
        wait=lambda _: False,
    )
    assert not healthy
    assert last[0].detail == "nobody answers"


def test_a_healthy_trial_is_good(tmp_path: Path) -> None:
    tell(tmp_path, TOLD)
    health.settle(tmp_path, tmp_path / "verdict", "2026.12.1", healthy=True)
    told = read(tmp_path)
    assert told is not None
    assert told.state == "good"
    assert (tmp_path / "verdict").read_text() == "good"


def test_an_unhealthy_trial_returns(tmp_path: Path) -> None:
    tell(tmp_path, TOLD)
    health.settle(tmp_path, tmp_path / "verdict", "2026.12.1", healthy=False)
    told = read(tmp_path)
    assert told is not None
    assert (told.state, told.reason) == ("returned", "not-healthy")
    assert (tmp_path / "verdict").read_text() == "bad"


def test_a_start_of_every_day_says_nothing_of_an_update(tmp_path: Path) -> None:
    health.settle(tmp_path, tmp_path / "verdict", "2026.12.1", healthy=False)
    assert read(tmp_path) is None


def test_the_former_version_runs_again_without_a_word(tmp_path: Path) -> None:
    """Three starts of the new one came to nothing, and U-Boot went back."""
    tell(tmp_path, TOLD)
    health.note_return(tmp_path, "2026.11.30", "boot-1")
    assert read(tmp_path) == TOLD, "the same start: it is only about to be started again"
    health.note_return(tmp_path, "2026.12.1", "boot-2")
    assert read(tmp_path) == TOLD, "the new one runs"
    health.note_return(tmp_path, "2026.11.30", "boot-2")
    told = read(tmp_path)
    assert told is not None
    assert (told.state, told.reason) == ("returned", "did-not-start")


def test_a_screen_is_a_unit_that_serves_and_a_panel_that_is_on(tmp_path: Path) -> None:
    panel = tmp_path / "card0-DSI-1"
    panel.mkdir()
    (panel / "enabled").write_text("disabled\n")
    dark = health.screen("chevet-none.service", tmp_path)
    assert not dark.fine
    assert "no panel" in dark.detail
    (panel / "enabled").write_text("enabled\n")
    assert "card0-DSI-1" in health.screen("chevet-none.service", tmp_path).detail
