"""The box's self-test with its staff: what only a human being can say, and what the box found, on one screen."""

from dataclasses import replace

from kiosk.journey.chapters.levelling import LEVELS_DBA, gain_db
from kiosk.journey.effects import Effect, Light, TestSound
from kiosk.journey.events import Filler
from kiosk.journey.places.service import Examining, Menu
from kiosk.journey.state import Journey
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import FindingLine, SelfTestView, TouchTestView
from kiosk.words import Words
from mqtt_bridge.contract.report import Finding, SelfTested
from mqtt_bridge.contract.stamp import Stamp

KEY = "key-"
"""A check of the key bears its kind, for the clinic: `key-stand-in`."""
BOX_FILE = "box-file"
ROOM = "room"
STANDS_ON = {
    "sound-card": "player",
    "level": "player",
    "frames": "screen",
    "button-line": "button",
    "network": "link",
}
"""A check without a line of its own: where this one is fine and it is ill, it takes its line."""
ASKED = ("screen", "light", "button", "sound", "touch")
"""What only a human being can say, in this order. `touch` is the last: it has a screen of its own."""


def pressed(journey: Journey, place: Examining) -> Turn:
    """The round button, which is asked about in its turn."""
    return _noted(journey, place, fine=True) if _asked_now(place) == "button" else stay(journey)


def answered(journey: Journey, place: Examining, target: str, at: Stamp) -> Turn:
    """What staff touched."""
    asks = _asked_now(place)
    if asks == "touch":
        return _touched_point(journey, place, target)
    if target not in ("yes", "no"):
        return stay(journey)
    if asks:
        return stay(journey) if asks == "button" and target == "yes" else _noted(journey, place, fine=target == "yes")
    if journey.examined is None:
        return stay(journey)
    reports = (SelfTested(made=at, findings=(*place.asked, *journey.examined)),) if target == "yes" else ()
    return go(journey, Menu(), reports=reports)


def _asked_now(place: Examining) -> str:
    """What is asked now; empty when all was."""
    return ASKED[len(place.asked)] if len(place.asked) < len(ASKED) else ""


def _noted(journey: Journey, place: Examining, *, fine: bool) -> Turn:
    place = replace(place, asked=(*place.asked, Finding(check=_asked_now(place), fine=fine)))
    following: dict[str, tuple[Effect, ...]] = {
        "light": (Light("on"),),
        "sound": (Light("off"), TestSound(gain_db(journey, LEVELS_DBA[2]))),
    }
    return go(journey, place, *following.get(_asked_now(place), ()))


def _touched_point(journey: Journey, place: Examining, target: str) -> Turn:
    if target == "skip":
        return _noted(journey, place, fine=False)
    name, _, point = target.partition(":")
    if name != "point":
        return stay(journey)
    place = replace(place, points=tuple(one for one in place.points if one != point))
    return go(journey, place) if place.points else _noted(journey, place, fine=True)


def view(journey: Journey, place: Examining, words: Words) -> SelfTestView | TouchTestView:
    said, asks = words.service, _asked_now(place)
    if asks == "touch":
        return TouchTestView(said.touch_points, place.points, said.skip)
    examined = _on_one_line(journey.examined or ())
    ill = {STANDS_ON[one.check]: one for one in examined if one.check in STANDS_ON and not one.fine}
    own = tuple(one for one in examined if one.check not in STANDS_ON)
    asked = tuple((name, _asked_line(name, place, words)) for name in ASKED)
    named = (*asked, *((one.check, _own_line(one, journey.filled, words)) for one in own))
    lines = tuple(_with_what_stands_on_it(name, line, ill, words) for name, line in named)
    button = asks == "button"
    ended = not asks and journey.examined is not None
    return SelfTestView(
        title=said.test_title if asks or ended else said.test_running,
        findings=lines,
        question=said.ask[asks] if asks else said.keep if ended else "",
        yes="" if button else said.yes,
        no=said.fails if button else said.no,
        back=words.back,
    )


def _with_what_stands_on_it(name: str, line: FindingLine, ill: dict[str, Finding], words: Words) -> FindingLine:
    found = ill.get(name)
    if found is None or line.state != "fine":
        return line
    return replace(line, state="failed", told=words.service.remedies[found.check])


def _asked_line(name: str, place: Examining, words: Words) -> FindingLine:
    done = next((one for one in place.asked if one.check == name), None)
    if done is not None:
        return _line(done, words)
    return FindingLine(words.service.checks[name], "asked" if name == _asked_now(place) else "waiting")


def _own_line(finding: Finding, filled: Filler | None, words: Words) -> FindingLine:
    """What to do about a full card depends on what fills it."""
    line = _line(finding, words)
    if finding.check != ROOM or finding.fine or filled is None:
        return line
    return replace(line, told=words.service.full_of[filled])


def _line(finding: Finding, words: Words) -> FindingLine:
    said = words.service
    if finding.check.startswith(KEY):
        return FindingLine(said.checks["disk"], "failed", said.key_known)
    label = said.checks.get(finding.check, said.check_other)
    if finding.fine:
        return FindingLine(label, "fine")
    return FindingLine(label, "failed", said.remedies.get(finding.check, said.remedy_other))


def _on_one_line(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The memory's key and the technician's file have no line of their own, for which a small panel has no room.

    Where one is ill it takes the line of another check that is fine: the key the memory's, the file that of the room,
    which the menu tells as well.
    """
    guests = {"disk": [one for one in found if one.check.startswith(KEY)]}
    guests[ROOM] = [one for one in found if one.check == BOX_FILE]
    lines = [one for one in found if not any(one in those for those in guests.values())]
    ill = {host: next((one for one in those if not one.fine), None) for host, those in guests.items()}
    return tuple((ill.get(one.check) if one.fine else None) or one for one in lines)
