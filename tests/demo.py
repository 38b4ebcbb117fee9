"""`make demo`: one prescribed session through the whole house, by a scripted patient, on real parts."""

import datetime as dt
import os
import signal
import sys
import time
from contextlib import ExitStack
from typing import Any

from tests.support.display import has_screen, virtual_screen
from tests.support.house import CLINICIAN, PASSWORD, STAFF_PIN, TOP, House, empty, render_package, sound_card
from tests.support.patient import Patient, PatientLostError
from tests.support.process import ProcessError

FOLDER = TOP / "var" / "demo"
INDICATORS = ("angoisse", "anxiete", "douleur", "agitation", "plaisir")
BEFORE = (6, 7, 5, 4, 2)
AFTER = (2, 3, 4, 1, 7)
COMMENT_BEFORE = "mal au dos"
COMMENT_AFTER = "la mer"
RECORD_S_MAX = 20.0
PACKAGE_S_MAX = 60.0


def main() -> int:
    began_s = time.monotonic()
    try:
        with ExitStack() as stack:
            house = _open_house(stack)
            _visit(house)
            code = _tell(house)
            say(f"done in {time.monotonic() - began_s:.0f} s; pictures of the screens: make gallery")
            if sys.stdin.isatty() and sys.stdout.isatty():
                _stay_open(house)
            return code
    except (ProcessError, PatientLostError) as error:
        print(f"demo: {error}\ndemo: logs are in {FOLDER / 'house' / 'log'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def say(sentence: str) -> None:
    print(f"demo: {sentence}", flush=True)


def _open_house(stack: ExitStack) -> House:
    packages = FOLDER / "packages"
    render_package(packages, say)
    empty(FOLDER / "house")
    house = House(FOLDER / "house", FOLDER / "house" / "box" / "packages", source=packages, everything=True)
    house.device = sound_card()
    say(
        f"sound: {house.device or 'no card on this machine: the paced test device, which consumes frames by the clock'}"
    )
    if has_screen():
        house.display = os.environ["DISPLAY"]
        say("screen: a window on yours (mouse = finger, space bar = the button)")
    else:
        house.display = stack.enter_context(virtual_screen(*house.size))
        say(f"screen: none here, a virtual one ({house.size[0]} x {house.size[1]})")
    say("a clinic, one patient, one enrolled box, one signed plan ...")
    house.furnish(stock=True)
    stack.callback(house.stop)
    for name in ("broker", "ingest", "shelf", "console", "player", "link", "kiosk"):
        say(f"starting {name}")
        house.start(name)
    _receive(house)
    return house


def _receive(house: House) -> None:
    """The box has no session yet: the clinic's shelf gives it, the box checks every byte and installs it."""
    say("the box fetches the prescribed session from the clinic, checks it and installs it")
    end_s = time.monotonic() + PACKAGE_S_MAX
    while not any(told["stage"] == "installed" for told in house.link_status()["packages"]):
        if time.monotonic() > end_s:
            raise ProcessError(f"the session did not arrive: {house.link_status()['packages']}")
        time.sleep(0.2)
    (told,) = house.link_status()["packages"]
    say(f"on the box: «{told['title']}», {told['size_bytes'] / 1e6:.0f} MB, signed by the clinic")


def _visit(house: House) -> None:
    """The whole journey, touched as a person would."""
    patient = house.patient()
    patient.see(lambda shown: bool(shown["view"].get("tiles")))
    say("the patient chooses the care")
    if not any(target["name"] == "care:riviere" for target in patient.shown["targets"]):
        patient.touch("choose")
    patient.touch("care:riviere")
    patient.answer_alone()
    _evaluate(patient, BEFORE, COMMENT_BEFORE)
    say("explanation and advice")
    while patient.see(lambda shown: shown["screen"] in ("TextView", "ReadyView"))["screen"] == "TextView":
        page = patient.shown["view"]["page"]
        patient.touch("continue")
        patient.see(lambda shown, page=page: shown["view"].get("page") != page)  # type: ignore[misc]
    patient.see(lambda shown: bool(shown["view"].get("armed")))
    say("the patient presses the button")
    patient.press_button()
    _listen(patient)
    _evaluate(patient, AFTER, COMMENT_AFTER)
    patient.see_screen("ThanksView")
    say(patient.shown["view"]["title"])
    patient.see(lambda shown: bool(shown["view"].get("in_record")), RECORD_S_MAX)
    say(patient.shown["view"]["record"])
    patient.go_away()


def _evaluate(patient: Patient, heights: tuple[int, ...], comment: str) -> None:
    patient.see_screen("ConeView", 180)
    say(f"{patient.shown['view']['moment'].lower()}: {', '.join(map(str, heights))} and « {comment} »")
    for height in heights:
        patient.answer(height)
    patient.write(comment)
    patient.touch("continue")


def _listen(patient: Patient) -> None:
    """Listen whole: no touch. A line of progress on a terminal."""
    patient.see_screen("PlayingView")
    shown_percent = -10
    while patient.shown["screen"] == "PlayingView":
        percent = round(100 * patient.shown["view"]["fraction"])
        if percent >= shown_percent + 10:
            say(f"listening {percent} %")
            shown_percent = percent
        before = patient.shown
        patient.see(lambda shown, before=before: shown is not before, 60)  # type: ignore[misc]


def _tell(house: House) -> int:
    """The table, read back from the clinic's database, and the one line."""
    sessions = house.sessions()
    for session in sessions:
        _table(session)
    whole = sum(session["outcome"] == "heard_whole" for session in sessions)
    received = sum(bool(session["outcome"] and session["before"] and session["after"]) for session in sessions)
    gaps = sum(len(session["gaps"]) for session in sessions)
    print(f"demo: prescribed 1, heard whole {whole}, received by the clinic {received}, gaps {gaps}", flush=True)
    return 0 if (whole, received, gaps) == (1, 1, 0) else 1


def _table(session: dict[str, Any]) -> None:
    started = dt.datetime.fromtimestamp(session["started_ms"] / 1000).astimezone()
    rows = {
        "patient": session["address_as"],
        "care": session["care"],
        "started": f"{started:%Y-%m-%d %H:%M:%S} (within {session['error_ms'] / 1000:.0f} s)",
        "listened": f"{session['listened_s']:.1f} s, {session['outcome'].replace('_', ' ')}",
        "gaps": f"{len(session['gaps'])}",
        "level": f"{session['level_dba']:.0f} dBA; {session['dose_week_percent']:.2f} % of the week's dose",
        "before": _scores(session["before"], session["comment_before"]),
        "after": _scores(session["after"], session["comment_after"]),
    }
    print("\n  read back from the clinic's database")
    for name, value in rows.items():
        print(f"  {name:<10} {value}")
    print()


def _scores(scores: dict[str, int], comment: str) -> str:
    return "  ".join(f"{name} {scores.get(name, '-')}" for name in INDICATORS) + f"  « {comment} »"


def _stay_open(house: House) -> None:
    say(f"the console: {house.console_address}  account {CLINICIAN}, password « {PASSWORD} »")
    say(f"on the box, « Réglages »: {STAFF_PIN}")
    say("the house stays open; Ctrl-C closes it")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    sys.exit(main())
