"""The updater on real files: what waits, is refused, is written, and the restart. RAUC is a fake that remembers."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import structs

from kiosk.appliance.rauc import RaucAwayError, RaucError
from kiosk.appliance.updating import Ports, Updater
from mqtt_bridge.update_told import UpdateTold, bundle_of, is_newer, read, running_version, tell

ARCHIVE = "a" * 64


@dataclass
class FakeRauc:
    """Stands beside rauc.py's own: tells the version that a file names, and can be told to fail."""

    written: list[str] = field(default_factory=list)
    fails: str = ""
    away: bool = False

    def version(self, bundle: Path) -> str:
        if self.away:
            raise RaucAwayError("Failed to activate service 'de.pengutronix.rauc': timed out")
        told = bundle.read_text()
        if not told:
            raise RaucError("signature verification failed")
        return told

    def install(self, bundle: Path) -> None:
        if self.fails:
            raise RaucError(self.fails)
        self.written.append(bundle.name)


@dataclass
class Box:
    folder: Path
    running: str = "2026.11.30"
    boot: str = "boot-1"
    care: str = ""
    linked: bool = True
    panel: bool = True
    well: tuple[str, ...] = ("sound-card", "button-line")
    rauc: FakeRauc = field(default_factory=FakeRauc)
    restarts: int = 0

    def unquiet(self, attended: bool) -> str:  # noqa: FBT001
        return "" if attended and self.care == "day" else self.care

    def restart(self) -> None:
        self.restarts += 1

    def bring(self, version: str, archive: str = ARCHIVE) -> None:
        bundle_of(self.folder, archive).write_text(version)

    def run(self, turns_max: int = 10) -> float | None:
        """Until it waits or is done: what its last turn said."""
        ports = Ports(self.rauc, self.unquiet, lambda: self.linked, lambda: self.panel, lambda: self.well, self.restart)
        updater = Updater(self.folder, self.running, self.boot, ports)
        for _ in range(turns_max):
            wait_s = updater.turn()
            if wait_s != 0:
                return wait_s
        raise AssertionError("it turns and turns")

    @property
    def told(self) -> UpdateTold:
        told = read(self.folder)
        assert told is not None
        return told


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_with_nothing_there_it_is_done(box: Box) -> None:
    assert box.run() is None
    assert read(box.folder) is None


def test_a_newer_one_is_written_then_the_box_starts_again(box: Box) -> None:
    box.bring("2026.12.1")
    assert box.run() is None
    assert box.rauc.written == [f"{ARCHIVE}.raucb"]
    assert box.restarts == 1
    assert not list(box.folder.glob("*.raucb"))
    assert (box.told.state, box.told.version, box.told.former) == ("written", "2026.12.1", "2026.11.30")
    assert box.told.linked
    assert box.told.well == ("sound-card", "button-line"), "the start that is judged is held to it"
    assert not box.told.dark
    assert b"dark" not in (box.folder / "told.json").read_bytes(), "a version that does not know the word reads it"


def test_a_monitor_that_was_off_is_told_to_the_start_that_is_judged(box: Box) -> None:
    box.panel = False
    box.bring("2026.12.1")
    assert box.run() is None
    assert (box.told.state, box.told.dark) == ("written", True)


@pytest.mark.parametrize("reason", ["care", "framed-hours", "day", "clock"])
def test_it_waits_and_says_why(box: Box, reason: str) -> None:
    box.bring("2026.12.1")
    box.care = reason
    wait_s = box.run()
    assert wait_s
    assert (box.told.state, box.told.reason) == ("waiting", reason)
    assert bundle_of(box.folder, ARCHIVE).exists()
    assert not box.rauc.written
    assert b"well" not in (box.folder / "told.json").read_bytes(), "the card is not opened each minute for this"


def test_care_that_begins_while_it_is_written_is_not_cut_by_the_restart(box: Box) -> None:
    box.bring("2026.12.1")

    class Slow(FakeRauc):
        def install(self, bundle: Path) -> None:
            super().install(bundle)
            box.care = "care"

    box.rauc = Slow()
    assert box.run()
    assert box.told.state == "written"
    assert box.restarts == 0
    box.care = ""
    assert box.run() is None
    assert box.restarts == 1


@pytest.mark.parametrize(
    ("version", "reason"),
    [("2026.11.30", "already-there"), ("2026.11.29", "not-newer"), ("2025.12.31", "not-newer"), ("", "not-valid")],
)
def test_what_is_not_newer_or_not_ours_is_refused_and_goes(box: Box, version: str, reason: str) -> None:
    box.bring(version)
    assert box.run() is None
    assert (box.told.state, box.told.reason) == ("refused", reason)
    assert not list(box.folder.glob("*.raucb"))
    assert not box.rauc.written
    assert not box.restarts


def test_what_rauc_cannot_write_is_told_with_its_words(box: Box) -> None:
    box.bring("2026.12.1")
    box.rauc.fails = "No space left on device"
    assert box.run() is None
    assert (box.told.state, box.told.reason, box.told.words) == ("refused", "not-written", "No space left on device")
    assert not box.restarts


def test_rauc_that_cannot_be_asked_says_nothing_of_the_update(box: Box) -> None:
    """Seen: D-Bus gives a service 25 s to start, and a starved machine takes longer."""
    box.bring("2026.12.1")
    box.rauc.away = True
    assert box.run()
    assert bundle_of(box.folder, ARCHIVE).exists()
    assert read(box.folder) is None
    box.rauc.away = False
    assert box.run() is None
    assert box.told.state == "written"


def test_a_version_from_which_the_box_came_back_is_not_tried_again_by_itself(box: Box) -> None:
    tell(box.folder, UpdateTold(ARCHIVE, "returned", version="2026.12.1", former="2026.11.30", boot="boot-0"))
    box.bring("2026.12.1")
    assert box.run() is None
    assert box.told.reason == "returned-before"
    box.bring("2026.12.2")
    assert box.run() is None
    assert box.told.state == "written"


def test_the_same_version_on_a_stick_is_a_persons_wish(box: Box) -> None:
    tell(box.folder, UpdateTold("stick", "returned", version="2026.12.1", former="2026.11.30", boot="boot-0"))
    box.bring("2026.12.1", "stick")
    box.care = "day"
    assert box.run() is None
    assert box.restarts == 1


def test_a_power_cut_while_it_is_written_begins_it_anew(box: Box) -> None:
    box.bring("2026.12.1")
    tell(box.folder, UpdateTold(ARCHIVE, "writing", version="2026.12.1", former="2026.11.30", boot="boot-0"))
    assert box.run() is None
    assert box.rauc.written
    assert box.told.boot == "boot-1"


def test_while_a_start_is_on_trial_nothing_is_said_over_it(box: Box) -> None:
    """Seen: the stick was still in, its version ran already, and that was told in the place of the trial."""
    told = UpdateTold("stick", "written", version="2026.12.1", former="2026.11.30", boot="boot-0")
    tell(box.folder, told)
    box.running = "2026.12.1"
    box.bring("2026.12.1", "stick")
    assert box.run()
    assert box.told == told
    tell(box.folder, structs.replace(told, state="good"))
    assert box.run() is None
    assert not list(box.folder.glob("*.raucb"))


def test_written_in_another_start_is_not_restarted_for_ever(box: Box) -> None:
    tell(box.folder, UpdateTold(ARCHIVE, "written", version="2026.12.1", former="2026.11.30", boot="boot-0"))
    assert box.run() is None
    assert box.restarts == 0


def test_versions_are_numbers(tmp_path: Path) -> None:
    assert is_newer("2026.12.1", "2026.11.30")
    assert is_newer("2026.12.10", "2026.12.9")
    assert not is_newer("2026.12.1", "2026.12.1")
    assert not is_newer("later", "2026.12.1")
    system = tmp_path / "os-release"
    system.write_text('ID=debian\nIMAGE_VERSION="2026.11.30"\n')
    assert running_version(system) == "2026.11.30"
    assert running_version(tmp_path / "none") == ""


def test_what_cannot_be_read_was_not_told(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    told = UpdateTold(ARCHIVE, "waiting")
    tell(tmp_path, told)
    assert read(tmp_path) == told
    assert structs.replace(told, state="good") != told
    (tmp_path / "told.json").write_text("{")
    assert read(tmp_path) is None
