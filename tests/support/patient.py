"""A scripted patient: looks at the mirror, touches the real window with real input events, presses the button."""

import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOK_S_MAX = 60.0
PAUSE_S = 0.3
"""A person takes longer than this to see a new screen; the kiosk ignores a touch within its first quarter second."""

Shown = dict[str, Any]


class PatientLostError(Exception):
    """The screen did not become what the patient expected."""


class Patient:
    """One person in front of one kiosk."""

    def __init__(self, mirror: Path, button: Path, display: str) -> None:
        self._mirror_path, self._button, self._environment = (
            mirror,
            button,
            {"DISPLAY": display, "PATH": os.environ["PATH"]},
        )
        self._mirror: socket.socket | None = None
        self._rest = b""
        self.shown: Shown = {}
        self._shown_s = 0.0
        self._window = ""

    def sit_down(self) -> None:
        """Look at the screen (again, after the kiosk was started anew)."""
        if self._mirror is not None:
            self._mirror.close()
        self._mirror = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._mirror.connect(str(self._mirror_path))
        self._rest, self.shown = b"", {}
        self._window = self._xdotool("search", "--sync", "--onlyvisible", "--class", "chevet-kiosk").split()[-1]
        self.see(lambda _shown: True)

    def see(self, wanted: Callable[[Shown], bool], seconds: float = LOOK_S_MAX) -> Shown:
        """Wait until the screen is as wanted; raises PatientLostError with what is shown instead."""
        until_s = time.monotonic() + seconds
        while not (self.shown and wanted(self.shown)):
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not self._look(left_s):
                raise PatientLostError(f"waited {seconds} s; the screen shows {self.shown.get('view')}")
        return self.shown

    def see_screen(self, name: str, seconds: float = LOOK_S_MAX) -> Shown:
        """Wait for a kind of screen: HomeView, ConeView ..."""
        return self.see(lambda shown: shown["screen"] == name, seconds)

    def touch(self, name: str) -> None:
        """Touch the middle of a target, as a person would: after having seen it."""
        self.see(lambda shown: any(t["name"] == name for t in shown["targets"]))
        x, y, w, h = self._target(name)["rect"]
        self.touch_at(x + w // 2, y + h // 2)

    def touch_height(self, height: int) -> None:
        """Touch the cone at a height."""
        self.see(lambda shown: any(t["name"] == "cone" for t in shown["targets"]))
        self.touch_at(*self._target("cone")["heights"][height])

    def touch_at(self, x: int, y: int) -> None:
        pause_s = self._shown_s + PAUSE_S - time.monotonic()
        if pause_s > 0:
            time.sleep(pause_s)
        self._xdotool("mousemove", "--window", self._window, str(x), str(y), "mousedown", "1", "mouseup", "1")

    def answer(self, height: int) -> None:
        """Touch the cone, see the number, go on."""
        question = self.see_screen("ConeView")["view"]["question"]
        self.touch_height(height)
        self.see(lambda shown: shown["view"].get("value") == height)
        self.touch("continue")
        self.see(lambda shown: shown["view"].get("question") != question)

    def answer_alone(self) -> None:
        """Asked who answers: the person, by themselves."""
        self.see_screen("ChoiceView", 90)
        self.touch("option:0")
        self.see(lambda shown: shown["view"].get("chosen") == "option:0")
        self.touch("continue")

    def write(self, text: str) -> None:
        """Type on the on-screen keyboard."""
        self.see_screen("CommentView")
        for character in text:
            before = self.shown["view"]["text"]
            self.touch(f"key:{character}")
            self.see(lambda shown, before=before: len(shown["view"]["text"]) > len(before))  # type: ignore[misc]

    def press_button(self) -> None:
        """The physical button, by the mock pin's socket."""
        self.hold_button(0.1)

    def hold_button(self, seconds: float) -> None:
        """A long press."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"press", str(self._button))
            time.sleep(seconds)
            sender.sendto(b"release", str(self._button))

    def press_space(self) -> None:
        """The keyboard's stand-in for the button."""
        self._xdotool("key", "--window", self._window, "space")

    def go_away(self) -> None:
        if self._mirror is not None:
            self._mirror.close()

    def _target(self, name: str) -> Shown:
        return next(t for t in self.shown["targets"] if t["name"] == name)

    def _look(self, seconds: float) -> bool:
        """Take in the next screen; False when nothing came."""
        if self._mirror is None:
            raise PatientLostError("the patient has not sat down")
        while b"\n" not in self._rest:
            if not select.select([self._mirror], [], [], seconds)[0]:
                return False
            data = self._mirror.recv(65536)
            if not data:
                raise PatientLostError("the kiosk went away")
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        former = self._place()
        self.shown = json.loads(line)
        if self._place() != former:
            self._shown_s = time.monotonic()
        return True

    def _place(self) -> tuple[object, ...]:
        """What a person takes for another screen; after it they pause."""
        view = self.shown.get("view", {})
        tiles = tuple(tile["target"] for tile in view.get("tiles", ()))
        return self.shown.get("screen"), view.get("question"), view.get("page"), view.get("state"), tiles

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._environment, capture_output=True, text=True, check=True, timeout=LOOK_S_MAX
        )
        return done.stdout
