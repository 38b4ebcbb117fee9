"""A score: notes in beats, written as a MIDI file with its tempo and its expression."""

import io

import mido
import msgspec

TICKS_A_BEAT = 960


class Instrument(msgspec.Struct, frozen=True):
    """A program (from 0) of a bank on a channel; `pan` 0 left to 127 right, `reverb` 0 to 127."""

    channel: int
    program: int
    volume: int
    pan: int
    reverb: int
    bank: int = 0


class Note(msgspec.Struct, frozen=True):
    """`pitch` in MIDI notes, `velocity` 1 to 127; times in beats from the start."""

    channel: int
    pitch: int
    velocity: int
    start_beat: float
    beats: float


class Control(msgspec.Struct, frozen=True):
    """A MIDI controller that takes a value at a beat (64 pedal, 11 expression)."""

    channel: int
    number: int
    value: int
    beat: float


class Score(msgspec.Struct, frozen=True):
    """`tempi` are (beat, beats a minute). The piece ends at `end_beat`, its last sounds included."""

    instruments: tuple[Instrument, ...]
    notes: tuple[Note, ...]
    controls: tuple[Control, ...]
    tempi: tuple[tuple[float, float], ...]
    end_beat: float

    def seconds_at(self, beat: float) -> float:
        """Return the moment of a beat."""
        total_s, last_beat, last_bpm = 0.0, 0.0, self.tempi[0][1]
        for at, bpm in [*(tempo for tempo in self.tempi if tempo[0] < beat), (beat, 1.0)]:
            total_s += (at - last_beat) * 60 / last_bpm
            last_beat, last_bpm = at, bpm
        return total_s


def to_midi(score: Score) -> bytes:
    """Return the score as a standard MIDI file; the same score gives the same bytes."""
    timed = [
        *((beat, 0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for beat, bpm in score.tempi),
        *((0.0, 1, message) for instrument in score.instruments for message in _setup(instrument)),
        *((c.beat, 2, mido.Message("control_change", channel=c.channel, control=c.number, value=c.value))
          for c in score.controls),
        *(event for note in score.notes for event in _note(note)),
        (score.end_beat, 9, mido.MetaMessage("end_of_track")),
    ]  # fmt: skip
    timed.sort(key=lambda event: (event[0], event[1]))
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_A_BEAT)
    file.tracks.append(_track(timed))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _setup(instrument: Instrument) -> list[mido.Message]:
    channel = instrument.channel
    controls = {7: instrument.volume, 10: instrument.pan, 91: instrument.reverb, 93: 0}
    program = mido.Message("program_change", channel=channel, program=instrument.program)
    bank = (
        [mido.Message("control_change", channel=channel, control=0, value=instrument.bank)] if instrument.bank else []
    )
    return [
        *bank,
        program,
        *(mido.Message("control_change", channel=channel, control=n, value=v) for n, v in controls.items()),
    ]


def _note(note: Note) -> list[tuple[float, int, mido.Message]]:
    on = mido.Message("note_on", channel=note.channel, note=note.pitch, velocity=note.velocity)
    off = mido.Message("note_off", channel=note.channel, note=note.pitch, velocity=0)
    return [(note.start_beat, 4, on), (note.start_beat + note.beats, 3, off)]


def _track(timed: list[tuple[float, int, mido.Message]]) -> mido.MidiTrack:
    track, last = mido.MidiTrack(), 0
    for beat, _, message in timed:
        tick = round(beat * TICKS_A_BEAT)
        track.append(message.copy(time=tick - last))
        last = tick
    return track
