"""The service screen over the shell: facts of the box, PINs over a kill, the self-test's report, the test sound."""

import select
import subprocess
import sys
import wave
from contextlib import closing
from pathlib import Path

import pytest

from audio.loudness import measure
from audio.sound_file import SoundReader
from kiosk.journey.events import Box
from kiosk.journey.places.service import POINTS
from kiosk.shell.config import Config, Folders, read
from kiosk.shell.selftest import protocol
from kiosk.shell.service import Examination, ServiceDesk, Standing, box_of, write_tone
from kiosk.words import load
from mqtt_bridge import bedside_told
from mqtt_bridge.contract.report import Finding, SelfTested
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader
from mqtt_bridge.seal import code_matches
from tests.support.shell import STAFF_PIN, Bedside

WAIT_S_MAX = 60.0
SAID = load("fr").service


def facts(bedside: Bedside) -> Box:
    box = bedside.shell._journey.box
    assert box is not None
    return box


def enter(bedside: Bedside, pin: str) -> None:
    if bedside.screen == "HomeView":
        bedside.touch("service")
    for digit in pin:
        bedside.touch(f"key:{digit}")
    assert select.select([bedside.codes.fileno()], [], [], WAIT_S_MAX)[0]
    bedside.turn()


def test_the_box_tells_the_journey_how_it_is(bedside: Bedside) -> None:
    box = facts(bedside)
    assert (box.name, box.waiting, box.room, box.sure_of_time, box.answered_once) == ("box-1", 0, True, True, True)
    assert box.answered_ms is not None
    assert bedside.view.banner.said == ""


def look(bedside: Bedside) -> None:
    """The kiosk's own poll, with no network."""
    bedside.clock.pass_ms(31_000)
    bedside.turn()


def test_a_clock_that_nobody_set_and_a_player_that_is_away_are_told(bedside: Bedside) -> None:
    bedside.clock.boot, bedside.clock.trusted = "boot-2", False  # the clinic has not answered since this start
    look(bedside)
    assert bedside.view.banner.said == SAID.banner_clock
    bedside.player.gone = True
    look(bedside)
    assert bedside.view.banner.said == SAID.banner_no_sound
    bedside.player.gone = False
    bedside.clock.pass_ms(1_000)
    bedside.turn()  # found again at once, without waiting for the next poll
    assert bedside.view.banner.said == SAID.banner_clock
    bedside.wire._do(bedside.wire.end.connected(bedside.clock()))
    bedside.clinic_hears()
    assert bedside.view.banner.said == ""  # it has said what time it is


def test_reports_that_wait_are_counted_until_they_land(bedside: Bedside) -> None:
    bedside.wire.broker.fate = lambda _topic, _payload: "lose"
    bedside.touch("care:riviere")
    bedside.decline_all()
    bedside.clinic_hears()
    assert facts(bedside).waiting == 1


# The PIN


def test_the_pin_opens_and_a_wrong_one_does_not(bedside: Bedside) -> None:
    enter(bedside, "000000")
    assert bedside.screen == "CodeView"
    assert bedside.view.wrong
    enter(bedside, STAFF_PIN)
    assert bedside.screen == "ServiceView"


def test_a_kill_gives_no_free_try(bedside: Bedside) -> None:
    for _ in range(3):
        enter(bedside, "000000")
    assert bedside.view.wait
    bedside.restart()
    bedside.touch("service")
    assert bedside.view.wait, "the wait goes on after a kill"


# The self-test


def test_a_self_test_reaches_the_clinic_and_is_nobodys(bedside: Bedside) -> None:
    enter(bedside, STAFF_PIN)
    bedside.touch("test")
    for _ in range(2):
        bedside.touch("yes")
    bedside.push()
    bedside.touch("yes")
    for point in POINTS:
        bedside.touch(f"point:{point}")
    if not bedside.view.question:  # the box is still looking
        assert select.select([bedside.service.fileno()], [], [], WAIT_S_MAX)[0]
        bedside.turn()
    bedside.touch("yes")
    assert bedside.screen == "ServiceView"
    bedside.clinic_hears()
    arrived = [a.report for a in bedside.wire.store.contents.reports.values() if a.report]
    (report,) = [one for one in arrived if isinstance(one.content, SelfTested)]
    assert report.patient is None
    assert isinstance(report.content, SelfTested)
    assert [one.check for one in report.content.findings] == ["screen", "light", "button", "sound", "touch", "disk"]
    told = told_of_the_box(bedside)  # for the link's heartbeat, without the words
    assert told.player is True
    assert told.tested is not None
    assert (told.tested.made, told.tested.failed) == (report.content.made, ())
    assert set(told.tested.fine) == {one.check for one in report.content.findings}
    bedside.player.gone = True
    look(bedside)
    assert told_of_the_box(bedside).player is False


def told_of_the_box(bedside: Bedside) -> bedside_told.BoxTold:
    """As the link reads it beside the kiosk."""
    reader = open_reader(bedside.folder / "bedside.db")
    assert reader is not None
    with closing(reader):
        return bedside_told.read(reader)


def test_a_look_is_taken_once_at_a_time_and_answered_once(tmp_path: Path) -> None:
    looks: list[int] = []

    def look() -> Examination:
        looks.append(1)
        return Examination(tuple(Finding(check=f"c{n}", fine=True) for n in range(50)))

    desk = ServiceDesk(look, tmp_path / "tone.wav")
    assert desk.found() is None
    desk.examine()
    assert select.select([desk.fileno()], [], [], WAIT_S_MAX)[0]
    found = desk.found()
    assert found is not None
    assert len(found.findings) == 20, "a report holds no more than thirty"
    assert desk.found() is None
    desk.close()


def test_the_protocol_of_a_box_without_anything_is_told_not_raised(tmp_path: Path) -> None:
    here = str(tmp_path)
    found = protocol(Config(folders=Folders(data=here, run=here, enrolment=here, packages=f"{here}/packages")))
    told = {one.check: one.fine for one in found}
    assert told["disk"]
    assert {one for one, fine in told.items() if not fine} >= {"enrolment", "player", "packages", "headphones", "link"}
    assert len(told) == len(found), "one finding for each check"


# The sound


def test_the_tone_is_soft_and_whole(tmp_path: Path) -> None:
    write_tone(tmp_path / "tone.wav")
    with wave.open(str(tmp_path / "tone.wav")) as file:
        frames = file.readframes(file.getnframes())
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, 48_000, 144_000)
    loudest = max(abs(int.from_bytes(frames[at : at + 2], "little", signed=True)) for at in range(0, len(frames), 2))
    assert 3_200 < loudest < 3_300
    assert frames[:2] == b"\0\0"
    with SoundReader(tmp_path / "tone.wav") as sound:  # as the player reads it
        assert (sound.rate_hz, sound.channels) == (48_000, 1)
        assert measure(sound.read(sound.frames), 48_000, 1).integrated_lufs == pytest.approx(-23.0, abs=0.3)
    assert [file.name for file in tmp_path.iterdir()] == ["tone.wav"]


# The facts


HERE = Standing("box-1", "1", "", "Casque", 90.0)


def stamp(wall_ms: int, monotonic_ms: int, boot: str = "b", *, trusted: bool = True) -> Stamp:
    return Stamp(wall_ms=wall_ms, trusted=trusted, boot=boot, monotonic_ms=monotonic_ms)


@pytest.mark.parametrize(
    ("then", "now", "answered_ms"),
    [
        (stamp(0, 500), stamp(10, 900), 500),
        (stamp(0, 500, trusted=False), stamp(10**12, 900), 500),  # one boot: no wall clock is needed
        (stamp(10**12, 500, "a"), stamp(10**12 + 180_000, 60_000), -120_000),
        (stamp(10**12, 500, "a", trusted=False), stamp(10**12 + 180_000, 60_000), None),
        (stamp(10**12, 500, "a"), stamp(10**12 - 1, 60_000), None),  # a clock that went back
        (None, stamp(0, 900), None),
    ],
)
def test_how_long_ago_is_said_when_it_is_known(then: Stamp | None, now: Stamp, answered_ms: int | None) -> None:
    box = box_of(HERE, now, then, 0, 10**9, player=True)
    assert (box.answered_ms, box.answered_once) == (answered_ms, then is not None)


@pytest.mark.parametrize(("free", "room"), [(63_999_999, False), (64_000_000, True)])
def test_too_little_room_is_told(free: int, *, room: bool) -> None:
    box = box_of(HERE, stamp(0, 0), None, 0, free, player=True)
    assert box.room is room
    assert box.room_mb % 10 == 0, "what changes at every look would be told at every look"


# The command


def pin(typed: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "chevet-kiosk"), "pin"]
    return subprocess.run(command, input=f"{typed}\n", capture_output=True, text=True, check=False)


def test_a_pin_is_printed_as_the_configuration_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    folders = '[folders]\ndata = "x"\nrun = "x"\nenrolment = "x"\npackages = "x"\n'
    file.write_text(folders + pin("246813").stdout)
    assert code_matches(read(file).service.pin, "246813")


@pytest.mark.parametrize("typed", ["", "1234", "1234567", "12345a", "１２３４５６"])
def test_what_is_no_pin_is_refused(typed: str) -> None:
    done = pin(typed)
    assert (done.returncode, done.stdout) == (1, "")
    assert "6 digits" in done.stderr
