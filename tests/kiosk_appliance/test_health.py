"""Whether a start is a healthy one, and what becomes of the update that is on trial."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from kiosk.appliance import health
from kiosk.appliance.health import LOOK_S, LOOKS, OF_THE_MACHINE, SECONDS_MAX, Before, Sign
from kiosk.appliance.looking import look, well
from kiosk.shell.config import Config, Folders, Screen
from mqtt_bridge.update_told import UpdateTold, read, tell
from tests.support.kiosk_loop import KioskLoop
from tests.support.paced.build import JACK_NAME
from tests.support.paced.player import start_player

TOLD = UpdateTold("a" * 64, "written", version="2026.12.1", former="2026.11.30", boot="boot-1", linked=True)
ALONE, LINKED = Before(), Before(linked=True)


def signs(**fine: bool) -> list[Sign]:
    return [Sign(name, there, "") for name, there in fine.items()]


def test_everything_asked_must_be_fine() -> None:
    assert health.is_healthy(signs(screen=True, player=True, disk=True, link=True), LINKED)
    assert not health.is_healthy(signs(screen=True, player=False, disk=True, link=True), Before())


def test_the_link_is_asked_of_a_box_that_had_it() -> None:
    off = signs(screen=True, player=True, disk=True, link=False)
    assert not health.is_healthy(off, LINKED)
    assert health.is_healthy(off, Before())


def test_no_start_is_held_to_the_kind_of_the_key() -> None:
    """An update that made boxes with a stand-in come back would keep every one of them from every update."""
    assert health.is_healthy(signs(screen=True, player=True, disk=True, link=True, key=False), LINKED)


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
    key = look(config, tmp_path)[-1]
    assert (key.name, key.fine) == ("key", fine)
    assert said in key.detail


def test_what_the_machine_answered_well_before_the_update_is_asked_of_its_start() -> None:
    lost = [
        *signs(screen=True, player=True, disk=True, link=True),
        Sign("sound-card", fine=False, detail="no such card"),
    ]
    assert not health.is_healthy(lost, Before(well=frozenset({"sound-card", "level"})))
    assert health.is_healthy(lost, Before(well=frozenset({"button-line"}))), "it had no headphones before"
    assert not health.is_healthy(signs(player=True, **{"button-line": False}), Before(well=frozenset({"button-line"})))


def made(folder: Path, player: Path) -> Config:
    here = str(folder)
    folders = Folders(data=here, run=here, enrolment=here, packages=here)
    return Config(folders=folders, clock="always", player=str(player), screen=Screen(driver="x11"))


def test_a_start_that_lost_its_sound_card_is_told_from_one_that_has_it(tmp_path: Path) -> None:
    """Real players; the second one's card is of no machine, as after an update whose kernel has no ALSA."""
    kiosk = KioskLoop(tmp_path)
    try:
        with start_player(tmp_path / "before", headphones_control=JACK_NAME, level_percent=75) as player:
            before = well(made(tmp_path, player.socket))
            had = [sign for sign in look(made(tmp_path, player.socket), tmp_path) if sign.name in OF_THE_MACHINE]
        with start_player(tmp_path / "after", device="plughw:CARD=Nowhere", level_percent=75) as player:
            lost = [sign for sign in look(made(tmp_path, player.socket), tmp_path) if sign.name in OF_THE_MACHINE]
        kiosk.button.broken = True
        nobody = look(made(tmp_path, tmp_path / "none"), tmp_path)
    finally:
        kiosk.close()
    assert before == OF_THE_MACHINE
    was = Before(well=frozenset(before))
    assert health.is_healthy(had, was)
    assert [sign.name for sign in lost if not sign.fine] == ["sound-card", "level"]
    assert not health.is_healthy(lost, was)
    assert [sign.name for sign in nobody if sign.name in OF_THE_MACHINE and not sign.fine] == [
        "sound-card",
        "button-line",
    ]


class Time:
    """What a start goes through, in seconds of its own: nobody waits for them."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def wait(self, seconds: float) -> bool:
        self.now_s += seconds
        return False

    def watch(self, one: Callable[[], Sign], was: Before = ALONE, *more: Callable[[], Sign]) -> bool:
        def look() -> list[Sign]:
            return [each() for each in (one, *more)]

        well, _ = health.watch(look, was, seconds_max=SECONDS_MAX, wait=self.wait, monotonic=lambda: self.now_s)
        return well


def test_a_minute_of_looks_is_asked() -> None:
    assert (LOOKS - 1) * LOOK_S >= 60


def test_it_looks_until_all_is_well_and_stays_so() -> None:
    time = Time()
    assert time.watch(lambda: Sign("player", time.now_s >= 2 * LOOK_S, ""))
    assert time.now_s == 2 * LOOK_S + 60


def test_one_lucky_look_is_not_a_healthy_start() -> None:
    """Seen as well three times of four, all through the quarter of an hour."""
    time = Time()
    assert not time.watch(lambda: Sign("player", time.now_s % (4 * LOOK_S) != 0, ""))
    assert time.now_s >= SECONDS_MAX


def test_a_kiosk_that_dies_every_twenty_seconds_is_not_well_although_each_look_finds_it_drawn() -> None:
    time = Time()
    assert not time.watch(lambda: Sign("screen", fine=True, detail="", process=f"run-{time.now_s // 20:.0f}"))
    assert time.now_s >= SECONDS_MAX


def test_a_kiosk_that_died_once_and_then_stays_is_well() -> None:
    time = Time()
    assert time.watch(lambda: Sign("screen", fine=True, detail="", process="first" if time.now_s < 40 else "second"))
    assert time.now_s == 40 + 60


def test_what_is_well_at_the_end_of_the_time_may_go_on_to_be_so_for_its_minute() -> None:
    time = Time()
    assert time.watch(lambda: Sign("link", time.now_s >= SECONDS_MAX - LOOK_S, ""), LINKED)
    assert time.now_s == SECONDS_MAX - LOOK_S + 60
    later = Time()
    assert not later.watch(lambda: Sign("link", later.now_s >= SECONDS_MAX, ""), LINKED)
    assert later.now_s == SECONDS_MAX


def test_a_link_that_is_not_asked_may_come_and_go() -> None:
    time = Time()
    kiosk = Sign("screen", fine=True, detail="", process="one")
    assert time.watch(lambda: kiosk, ALONE, lambda: Sign("link", time.now_s % 20 == 0, "", f"run-{time.now_s}"))
    assert time.now_s == 60


def test_too_late_is_not_healthy() -> None:
    healthy, last = health.watch(
        lambda: [Sign("player", fine=False, detail="nobody answers")],
        Before(),
        seconds_max=0,
        wait=lambda _: False,
    )
    assert not healthy
    assert last[0].detail == "nobody answers"


def test_a_machine_that_goes_down_is_not_waited_for() -> None:
    fine = Sign("player", fine=True, detail="")
    assert health.watch(lambda: [fine], Before(), seconds_max=1e9, wait=lambda _: True) == (False, [fine])


def test_a_start_is_held_to_how_the_box_was_when_its_update_was_written() -> None:
    assert health.held_to(TOLD, "2026.12.1") == Before(linked=True, panel=True)
    dark = structs.replace(TOLD, linked=False, dark=True, well=("level",))
    assert health.held_to(dark, "2026.12.1") == Before(linked=False, panel=False, well=frozenset({"level"}))
    for other in (None, structs.replace(TOLD, dark=True, state="good")):
        assert health.held_to(other, "2026.12.1") == Before(), "no trial: not a word of it counts"


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


class Board:
    """A machine's connector in a folder, and what its systemd says of the kiosk."""

    def __init__(self, folder: Path, status: str, enabled: str, state: str) -> None:
        self.folder, self.state, self.run = folder, state, "0f3c"
        self.connector = folder / "card0-HDMI-A-1"
        self.connector.mkdir()
        (self.connector / "status").write_text(f"{status}\n")
        (self.connector / "enabled").write_text(f"{enabled}\n")

    def look(self) -> Sign:
        return health.screen("chevet-kiosk.service", self.folder, self._ask)

    def _ask(self, unit: str) -> dict[str, str]:
        assert unit == "chevet-kiosk.service"
        return {"ActiveState": self.state, "InvocationID": self.run, "MainPID": "812"}


def test_a_screen_is_a_unit_that_serves_and_a_panel_that_is_on(tmp_path: Path) -> None:
    board = Board(tmp_path, "connected", "enabled", "active")
    sign = board.look()
    assert (sign.fine, sign.process, sign.unplugged) == (True, "0f3c 812", False)
    assert "card0-HDMI-A-1" in sign.detail
    board.state = "activating"
    assert not board.look().fine
    (board.connector / "enabled").write_text("disabled\n")
    board.state = "active"
    dark = board.look()
    assert not dark.fine
    assert "no panel" in dark.detail


def test_without_systemd_no_screen_is_called_fine(tmp_path: Path) -> None:
    panel = tmp_path / "card0-DSI-1"
    panel.mkdir()
    (panel / "enabled").write_text("enabled\n")
    assert not health.screen("chevet-none.service", tmp_path).fine


def test_a_monitor_that_is_off_since_before_the_update_does_not_send_it_back(tmp_path: Path) -> None:
    """No kiosk draws without one: it ends and begins again, every few seconds."""
    board, time = Board(tmp_path, "disconnected", "disabled", "activating"), Time()

    def look() -> Sign:
        board.run = f"run-{time.now_s}"
        return board.look()

    assert time.watch(look, Before(panel=False))


def test_where_a_panel_was_connected_before_the_update_must_show_one(tmp_path: Path) -> None:
    board = Board(tmp_path, "disconnected", "disabled", "activating")
    assert not Time().watch(board.look, Before(panel=True)), "its driver may be what the update has lost"


def test_a_monitor_that_is_on_again_is_asked_whatever_was_before(tmp_path: Path) -> None:
    board = Board(tmp_path, "connected", "enabled", "activating")
    assert not Time().watch(board.look, Before(panel=False)), "the kiosk cannot draw on it"
    board.state = "active"
    assert Time().watch(board.look, Before(panel=False))


def test_the_kernel_says_whether_a_panel_is_connected(tmp_path: Path) -> None:
    assert not health.has_panel(tmp_path)
    Board(tmp_path, "disconnected", "enabled", "active")
    assert not health.has_panel(tmp_path), "lit until it was switched off"
    (tmp_path / "card0-DSI-1").mkdir()
    (tmp_path / "card0-DSI-1" / "status").write_text("connected\n")
    assert health.has_panel(tmp_path)
