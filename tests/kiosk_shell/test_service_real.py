"""Staff at a real window, by a finger: the PIN, training and its end, a kill in the midst of it (B10)."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.words import load
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.seal import code_digest
from tests.support.display import virtual_screen
from tests.support.patient import Patient, Shown
from tests.support.wire import Wire

TOP = Path(__file__).parents[2]
PIN = "246813"
SAID = load("fr").service
WAIT_S_MAX = 90.0


class Room:
    """A real kiosk on a screen of its own, with a plan of the clinic's and no player."""

    def __init__(self, folder: Path, display: str) -> None:
        self.folder, self._display = folder, display
        self.patient = Patient(folder / "mirror.sock", folder / "button.sock", display)
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        environment = {**os.environ, "DISPLAY": self._display}
        command = [
            str(Path(sys.executable).parent / "chevet-kiosk"),
            "run",
            "--config",
            str(self.folder / "kiosk.toml"),
        ]
        self.process = subprocess.Popen(command, env=environment, cwd=TOP, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "kiosk: ready\n"
        self.patient.sit_down()

    def kill(self) -> None:
        if self.process is not None:
            self.patient.go_away()
            self.process.kill()
            self.process.wait(WAIT_S_MAX)
            assert self.process.stdout is not None
            self.process.stdout.close()

    def service(self) -> None:
        self.patient.touch("service")
        self.patient.see_screen("CodeView")
        for number, digit in enumerate(PIN, 1):
            self.patient.touch(f"key:{digit}")
            if number < len(PIN):
                self.patient.see(lambda shown, n=number: shown["view"].get("entered") == n)  # type: ignore[misc]
        self.patient.see_screen("ServiceView", WAIT_S_MAX)

    def look_up(self) -> None:
        """One screen follows another of the same kind: a person takes a moment to see it."""
        self.patient.sit_down()

    def train(self) -> None:
        self.service()
        self.patient.touch("training")
        self.patient.see(lambda shown: shown["screen"] == "HomeView" and trains(shown), WAIT_S_MAX)
        self.look_up()

    def classrooms(self) -> list[Path]:
        return list((self.folder / "run").glob("training-*"))

    def rows(self) -> dict[str, int]:
        """What the box's own database holds."""
        with closing(sqlite3.connect(self.folder / "bedside.db")) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counts = {name: database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608
        return {name: count for name, count in counts.items() if count and not name.startswith("sqlite_")}


def trains(shown: Shown) -> bool:
    return bool(shown["frame"]["training"] == SAID.training_mark)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    wire = Wire(tmp_path)
    wire.settle_down()
    wire.order(1, PlanOrder(plan=None))
    wire.send_orders()
    wire.settle_down()
    wire.close()
    (tmp_path / "bedside.db").unlink()
    (tmp_path / "packages").mkdir()
    (tmp_path / "chevet-box.toml").write_text(f'[service]\npin = "{code_digest(PIN)}"\n')
    (tmp_path / "kiosk.toml").write_text(f"""
player = "{tmp_path}/player.sock"
clock = "always"
box_file = "{tmp_path}/chevet-box.toml"
[folders]
data = "{tmp_path}"
run = "{tmp_path}/run"
enrolment = "{tmp_path}/enrolment"
packages = "{tmp_path}/packages"
[screen]
driver = "x11"
mirror = "{tmp_path}/mirror.sock"
[button]
factory = "mock"
socket = "{tmp_path}/button.sock"
serving = 22
""")
    with virtual_screen(1280, 800) as display:
        room = Room(tmp_path, display)
        room.start()
        yield room
        room.kill()


def test_what_is_done_in_training_leaves_nothing(room: Room) -> None:
    patient = room.patient
    patient.see(lambda shown: shown["view"].get("greeting") == SAID.no_plan["none"].title)
    before = room.rows()
    room.train()
    assert len(room.classrooms()) == 1
    patient.touch("help")
    patient.see_screen("HelpView")
    assert trains(patient.shown)
    patient.touch("ask")
    patient.see(lambda shown: shown["view"].get("sent") == "pending")
    room.look_up()
    patient.touch("done")
    patient.see_screen("HomeView")
    room.service()
    assert trains(patient.shown)
    patient.touch("training-end")
    patient.see(lambda shown: shown["view"].get("greeting") == SAID.no_plan["none"].title, WAIT_S_MAX)
    assert not trains(patient.shown)
    assert room.rows() == before
    assert room.classrooms() == []


def test_a_box_that_dies_in_training_comes_back_as_itself(room: Room) -> None:
    before = room.rows()
    room.train()
    room.kill()
    room.start()
    room.patient.see(lambda shown: shown["view"].get("greeting") == SAID.no_plan["none"].title, WAIT_S_MAX)
    assert not trains(room.patient.shown)
    assert (room.rows(), room.classrooms()) == (before, [])


def test_a_technicians_file_with_a_fault_is_told_and_the_box_serves(room: Room) -> None:
    """The other tests here come in by the PIN of such a file."""
    room.kill()
    (room.folder / "chevet-box.toml").write_text("# la boîte 7\n[service]\npin = 246813\n")
    room.start()
    room.patient.touch("service")
    room.patient.see_screen("NoticeView")
    lines = room.patient.shown["view"]["lines"]
    assert lines == [line.format(line=3) for line in SAID.no_pin_wrong_lines]
    room.patient.touch("done")
    room.patient.see_screen("HomeView")


def test_lines_that_this_machine_cannot_give_are_told_and_the_delivered_button_works(room: Room) -> None:
    room.kill()
    taken = "[button]\npin = 17\nled = 22\n"  # the second light's
    (room.folder / "chevet-box.toml").write_text(f'[service]\npin = "{code_digest(PIN)}"\n{taken}')
    room.start()
    room.service()
    patient = room.patient
    patient.touch("test")
    for ask in ("screen", "light"):
        patient.see(lambda shown, ask=ask: shown["view"].get("question") == SAID.ask[ask])  # type: ignore[misc]
        room.look_up()
        patient.touch("yes")
    patient.see(lambda shown: shown["view"].get("question") == SAID.ask["button"])
    patient.press_button()
    patient.see(lambda shown: shown["view"].get("question") == SAID.ask["sound"])
    room.look_up()
    patient.touch("no")
    patient.see_screen("TouchTestView")
    patient.touch("skip")
    patient.see(lambda shown: shown["view"].get("question") == SAID.keep, WAIT_S_MAX)
    states = {line["label"]: line["state"] for line in patient.shown["view"]["findings"]}
    assert states[SAID.checks["button"]] == "fine"
    assert states[SAID.checks["box-file"]] == "failed"
