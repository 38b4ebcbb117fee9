"""The level of a box, heard: a test sound that staff make louder or softer, and how loud it is said to be."""

from audio.hearing.calibration import UNCALIBRATED
from kiosk.journey.effects import TestSound
from kiosk.journey.events import Box
from kiosk.journey.places.service import Levelling, Menu
from kiosk.journey.state import Journey
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import LevelView
from kiosk.words import Words

LEVELS_DBA = (50.0, 55.0, 60.0, 65.0, 70.0)
TONE_LUFS = -23.0
GAIN_DB_MIN = -40.0


def levelled(journey: Journey, place: Levelling, target: str) -> Turn:
    """What staff touched."""
    if target == "done":
        return go(journey, Menu())
    step = {"softer": -1, "louder": 1}.get(target)
    if step is None:
        return stay(journey)
    at = LEVELS_DBA.index(place.level_dba) + step
    return tone(journey, LEVELS_DBA[min(max(at, 0), len(LEVELS_DBA) - 1)])


def tone(journey: Journey, level_dba: float) -> Turn:
    """Sounds at that level."""
    return go(journey, Levelling(level_dba), TestSound(gain_db(journey, level_dba)))


def gain_db(journey: Journey, level_dba: float) -> float:
    """Of the test sound, for that level in these headphones: never above the sound as it is."""
    loudest = journey.box.dba_at_0_lufs if journey.box else 0.0
    return min(0.0, max(GAIN_DB_MIN, level_dba - loudest - TONE_LUFS))


def is_measured(box: Box) -> bool:
    """Whether somebody has measured the headphones that the level is reckoned with."""
    return box.headphones not in ("", UNCALIBRATED)


def headphones(box: Box, words: Words) -> str:
    """Their model, as staff are told it."""
    said = words.service
    return said.headphones.format(headphones=box.headphones) if is_measured(box) else said.headphones_unmeasured


def view(journey: Journey, place: Levelling, words: Words) -> LevelView:
    said, loudest = words.service, journey.box.dba_at_0_lufs if journey.box else 0.0
    level = loudest + TONE_LUFS + gain_db(journey, place.level_dba)
    box = journey.box or Box()
    reckoned = said.level_from.format(headphones=box.headphones) if is_measured(box) else said.level_unmeasured
    return LevelView(
        title=said.level,
        lines=(*said.level_lines, reckoned),
        level=said.level_dba.format(level=round(level)),
        softer=words.softer,
        louder=words.louder,
        done=words.done,
    )
