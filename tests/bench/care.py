"""The bench's house: four prescribed cares (so that choosing has a screen), and a patient who walks among them."""

import json
import socket
import threading
import time
from pathlib import Path

from tests.support.house import BOX, CLINICIAN, PATIENT, House
from tests.support.paced.package import make_package
from tests.support.patient import Patient
from tests.support.visit import Visit

SHORT, NIGHT = "court", "nuit"
SHORT_S = 2.0
_ACTIVITY = """\
[[activity]]
id = "{id}"
title = "{title}"
kind = "{kind}"
duration_s = {duration_s}
explanation = ["Vous allez écouter de la musique avec le casque. Vous n’avez rien à faire."]
advice = ["Installez-vous bien, assis ou allongé."]
package = {{ id = "{package}", manifest = "{manifest}" }}
"""
_CARES = ((SHORT, "relaxation", SHORT), (NIGHT, "sleep", NIGHT), ("c3", "sophrology", SHORT), ("c4", "crisis", SHORT))


def furnished(folder: Path, display: str, night_s: float, size: tuple[int, int]) -> House:
    """A house with a short care, and one of `night_s` that ends in the dark; not started."""
    packages = folder / "packages"
    packages.mkdir(parents=True)
    make_package(packages / SHORT, SHORT_S)
    make_package(packages / NIGHT, night_s)
    house = House(folder / "house", packages, package=SHORT, size=size, display=display)
    house.furnish()
    plan = folder / "plan.toml"
    seconds = {SHORT: SHORT_S, NIGHT: night_s}
    cares = [
        _ACTIVITY.format(
            id=name, title=f"Soin {name}", kind=kind, duration_s=round(seconds[package]), package=package,
            manifest=packages / package / "manifest.toml",
        )
        for name, kind, package in _CARES
    ]  # fmt: skip
    plan.write_text('place = "establishment"\n[period]\nstart = 2020-01-01\nend = 2099-12-31\n' + "".join(cares))
    house.clinic("prescribe", str(plan), "--patient", PATIENT, "--by", CLINICIAN, "--box", BOX)
    return house


class Walk(Visit):
    """The steps of a person in this house."""

    def __init__(self, patient: Patient) -> None:
        super().__init__(patient)
        patient.see(lambda shown: any(t["name"] == "choose" for t in shown["targets"]))

    def choose(self, care: str = SHORT) -> None:
        self.patient.touch("choose")
        self.patient.see_screen("ChoosingView")
        self.patient.touch(f"care:{care}")
        self.patient.answer_alone()

    def home(self) -> None:
        self.patient.touch("done")
        self.patient.see_screen("HomeView")

    def to_comment(self) -> None:
        """Decline the cones that are left."""
        patient = self.patient
        while patient.see(lambda shown: shown["screen"] in ("ConeView", "CommentView"))["screen"] == "ConeView":
            step = patient.shown["view"]["step"]
            patient.touch("decline")
            patient.see(lambda shown, step=step: shown["view"].get("step") != step)  # type: ignore[misc]


class MirrorClock:
    """Reads the mirror beside the patient and notes when each line came: the patient itself is slow."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._thanks_ns: int | None = None
        self._noted = False
        self.thanks_to_record_ms: list[float] = []
        threading.Thread(target=self._read, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                self._note(time.monotonic_ns(), json.loads(line))

    def _note(self, now_ns: int, shown: dict[str, object]) -> None:
        view = shown["view"]
        if shown["screen"] != "ThanksView" or not isinstance(view, dict):
            self._thanks_ns, self._noted = None, False
            return
        self._thanks_ns = self._thanks_ns or now_ns
        if view["in_record"] and not self._noted:  # at first sight too: then it took no time at all
            self.thanks_to_record_ms.append((now_ns - self._thanks_ns) / 1e6)
            self._noted = True
