"""From a session of the catalogue to a score."""

import math
import random
from functools import lru_cache, partial

from audio.montage.arc import BED_TEMPO, Silences, bed_arc
from audio.montage.ensembles import UNDER_A_VOICE, Ensemble
from audio.montage.grid import PERIOD_BARS, PHRASE_BARS, RUBATO, Clock, lay
from audio.montage.motif import Motif
from audio.montage.piece import Piece, write
from audio.montage.players import Player, perform, tail_beats
from audio.montage.progression import BREATH_BEATS, INHALE_BEATS, Phrase
from audio.montage.score import Control, Note, Score
from audio.montage.sea import swell, wave, waves
from audio.montage.sessions import Session, keys_of
from audio.montage.touch import expressions, pedalling, played, untangled

BED_BEATS_A_BAR = 4


@lru_cache(maxsize=1)
def piece_of(session: Session) -> Piece:
    """Return the piece that the players of a session get."""
    bars_in = PHRASE_BARS if session.paced else PERIOD_BARS
    grid = lay(session.arc, session.beats_a_bar, bars_in, 0.0 if session.paced else RUBATO)
    return write(session.arc, grid, session.motif, session.keys, session.seed)


def compose(session: Session) -> Score:
    """Return the whole score; the same session gives the same score."""
    return arrange(piece_of(session), session.ensemble, session.seed, paced=session.paced)


def phase_beats(session: Session) -> list[tuple[str, float, float]]:
    """Return (name, first beat, last beat) of each phase; the last holds the tail."""
    piece = piece_of(session)
    first_beats = {phrase.stage: float(phrase.first_bar * session.beats_a_bar) for phrase in reversed(piece.phrases)}
    stages = sorted(first_beats)
    ends = [*(first_beats[stage] for stage in stages[1:]), piece.grid.beats + tail_beats(piece)]
    return [
        (session.arc.stages[stage].name, first_beats[stage], float(end))
        for stage, end in zip(stages, ends, strict=True)
    ]


def bed(duration_s: float, style: str, seed: int, silences: Silences = ()) -> Score:
    """Return a bed of at least `duration_s` to lie under a voice: slow harmony, no song. Styles: `UNDER_A_VOICE`.

    In `silences` (of the voice: start and end, in seconds) it comes forward.
    """
    phrase_s = BED_BEATS_A_BAR * PHRASE_BARS * 60 / BED_TEMPO
    arc = bed_arc(math.ceil(duration_s / phrase_s) * phrase_s, silences)
    grid = lay(arc, BED_BEATS_A_BAR, PHRASE_BARS)
    piece = write(arc, grid, Motif(()), keys_of("D lydian, G lydian, D ionian"), seed)
    return arrange(piece, UNDER_A_VOICE[style], seed, paced=False)


def arrange(piece: Piece, ensemble: Ensemble, seed: int, *, paced: bool) -> Score:
    """Give a piece to its players."""
    end = piece.grid.beats + tail_beats(piece)
    tempi = (
        *piece.grid.tempi,
        *((float(piece.grid.beats + beat), piece.grid.tempi[-1][1]) for beat in range(int(end) - piece.grid.beats)),
    )
    clock = Clock(tempi)
    singer = partial(singing, piece, ensemble)
    notes: list[Note] = []
    for place, player in enumerate(ensemble):
        chance = random.Random(f"{seed}/{place}/{player.role}")  # noqa: S311 - a player's dice, not a secret
        notes += played(piece, player, perform(piece, player, singer, chance), chance)
    controls = [
        control for player in _channels(ensemble) for control in _controls(piece, player, clock, seed, paced=paced)
    ]
    instruments = tuple(player.instrument for player in _channels(ensemble))
    return Score(instruments, tuple(untangled(notes)), tuple(controls), tempi, end)


def singing(piece: Piece, ensemble: Ensemble, phrase: Phrase) -> Player | None:
    """Return who sings a phrase: each period another of those who play; the first of all at the return."""
    able = [player for player in ensemble if player.role == "song" and player.plays(phrase)]
    if not able or not piece.motif.cells:
        return None
    return able[(phrase.index // 2) % len(able)]


def _channels(ensemble: Ensemble) -> list[Player]:
    """One player for each channel: a pianist who sings and accompanies has one pedal."""
    return list({player.instrument.channel: player for player in reversed(ensemble)}.values())[::-1]


def _controls(piece: Piece, player: Player, clock: Clock, seed: int, *, paced: bool) -> list[Control]:
    channel, end = player.instrument.channel, piece.grid.beats + tail_beats(piece)
    if player.role == "waves" and not paced:
        return waves(channel, str(seed), clock.seconds, end, partial(_leaving, piece))
    if paced and not player.struck:
        return swell(channel, partial(_breath, clock), clock.seconds, end, partial(_leaving, piece))
    return [*expressions(piece, player), *(pedalling(piece, player) if player.pedal else [])]


def _breath(clock: Clock, now_s: float) -> float:
    """The pace has one tempo: a breath is always as long."""
    length_s = clock.seconds(BREATH_BEATS)
    return wave(now_s % length_s / length_s, INHALE_BEATS / BREATH_BEATS)


def _leaving(piece: Piece, beat: float) -> float:
    """The arc's level, and a last fade over the tail."""
    over = max(0.0, beat - piece.grid.beats) / tail_beats(piece)
    return piece.level_db(min(beat, piece.grid.beats)) - 60.0 * over
