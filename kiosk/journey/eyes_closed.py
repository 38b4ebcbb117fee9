"""The way by the round button and spoken words alone (X3): a press says the next choice, a second one soon chooses it.

Nothing here has a time limit: a choice that was said is said again twice, and then the box waits in silence.
"""

from dataclasses import replace

from kiosk.journey.spoken import Choice
from kiosk.journey.voice import Voice

TREMBLE_MS = 200
"""Presses nearer to each other are one press of a hand that trembles."""
AGAIN_MS = 1_200
"""A second press so soon after the first chooses what was said before them."""
SURE_MS = 1_500
"""After a long press: the hand that lets go, or trembles, must not answer what is only now being asked."""
STOP_ASKED_MS = 30_000
"""« Voulez-vous arrêter ? » without an answer: the music has gone on, and goes on."""
SILENT_MS = 30_000
REPEATS_MAX = 2


def pressed(voice: Voice, choices: tuple[Choice, ...], now_ms: int) -> tuple[Voice, Choice | None]:
    """One press: the next choice is to be said (None), or one is chosen."""
    since_ms = AGAIN_MS + 1 if voice.pressed_ms is None else now_ms - voice.pressed_ms
    if since_ms < TREMBLE_MS:
        return replace(voice, pressed_ms=now_ms), None
    if since_ms <= AGAIN_MS and voice.former is not None and voice.former < len(choices):
        return replace(voice, pressed_ms=now_ms, former=None, choice=voice.former), choices[voice.former]
    return replace(moved(voice, choices), pressed_ms=now_ms, former=voice.choice, repeats=0), None


def moved(voice: Voice, choices: tuple[Choice, ...]) -> Voice:
    """The next choice; after the last one the first."""
    following = 0 if voice.choice is None else voice.choice + 1
    return replace(voice, choice=following % len(choices) if choices else None)


def trembles(voice: Voice, now_ms: int) -> bool:
    return voice.pressed_ms is not None and now_ms - voice.pressed_ms < TREMBLE_MS


def held(voice: Voice) -> Voice:
    """A long press began as a press: what that said is taken back."""
    return replace(voice, choice=voice.former, former=None)


def alarm_ms(voice: Voice) -> int | None:
    """When what was said last is to be said again."""
    if voice.ended_ms is None or voice.saying is not None or voice.repeats >= REPEATS_MAX:
        return None
    return voice.ended_ms + SILENT_MS
