"""What the journey wants said, as the player can say it: a recording for each sentence, or the plain voice.

Only where the configuration says so does the plain voice stand in: never silently another voice. A sentence that
nobody can say is left out and told in the log, once.
"""

import logging
from pathlib import Path

from audio.player.protocol import PIECES_MAX, Piece, Plain, Recorded, Say
from audio.voice.errors import VoiceError
from audio.voice.recordings import SpokenWords, text_hash
from kiosk.journey import effects

log = logging.getLogger(__name__)


class SpeechDesk:
    """Finds what says each sentence."""

    def __init__(self, words: SpokenWords | None, *, plain: bool = False, leads: bool = False) -> None:
        """leads: every person of this box goes by the button and the voice (X3)."""
        self._words, self._plain, self.leads = words, plain, leads
        self._told: set[str] = set()

    @property
    def able(self) -> bool:
        """Whether this box can say anything at all."""
        return self._words is not None or self._plain

    def command(self, order: effects.Say) -> tuple[Say | None, int]:
        """(what the player is told, how many sentences nobody can say). None: nothing can be said."""
        found = [self._piece(sentence) for sentence in order.sentences]
        pieces = tuple(piece for piece in found if piece is not None)[:PIECES_MAX]
        said = Say(id=str(order.number), pieces=pieces, gain_db=order.gain_db) if pieces else None
        return said, found.count(None)

    def _piece(self, sentence: str) -> Piece | None:
        file = self._words.find(sentence) if self._words is not None else None
        if file is not None:
            return Recorded(str(file.absolute()))
        if self._plain:
            return Plain(sentence)
        self._tell(sentence)
        return None

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told and len(self._told) < PIECES_MAX:
            self._told.add(sentence)
            named = text_hash("fr", sentence)[:12]  # not the words: they may be a message to the person
            log.warning("no recording says the sentence %s (%d characters): it is left out", named, len(sentence))


def desk_of(folder: str, language: str, *, plain: bool, leads: bool = False) -> SpeechDesk:
    """The recordings of the configuration; without them, or in another language, the box shows and does not speak."""
    if language != "fr":
        return SpeechDesk(None, leads=leads)
    try:
        words = SpokenWords(Path(folder)) if folder else None
    except VoiceError as error:
        log.error("the box does not speak: %s", error)  # noqa: TRY400
        words = None
    return SpeechDesk(words, plain=plain, leads=leads)
