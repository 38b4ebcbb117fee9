"""The rules of the music: voices, ranges, cadences, and the shapes that tempo, density and loudness follow."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from audio.montage.arc import UNDER_WORDS_DB, bed_arc
from audio.montage.chords import Chord, sound
from audio.montage.command_line import NAMES
from audio.montage.compose import bed, compose, phase_beats, piece_of, singing
from audio.montage.ensembles import UNDER_A_VOICE
from audio.montage.grid import Clock
from audio.montage.melody import Line, Sung, material, sing
from audio.montage.motif import Motif, augmented, head, inverted, ornamented, simplified
from audio.montage.piece import Piece
from audio.montage.players import shaped
from audio.montage.progression import follows
from audio.montage.score import Note, Score, to_midi
from audio.montage.sea import sea_soundfont
from audio.montage.sessions import SESSIONS, Session
from audio.montage.voices import ALTO, BASS, RANGES, SOPRANO, TENOR, parallel

# What hands and breath can do, as MIDI notes: General MIDI program to (lowest, highest).
REACH = {
    0: (21, 108),
    8: (60, 108),
    11: (53, 89),
    24: (40, 84),
    42: (36, 76),
    43: (28, 60),
    46: (24, 103),
    71: (50, 91),
}
REACH |= {73: (60, 96), 49: (36, 96)}
every_session = pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)


class Written:
    """A session composed once for the whole run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.piece: Piece = piece_of(session)
        self.score: Score = compose(session)
        self.clock = Clock(self.score.tempi)
        self.end_s = self.clock.seconds(self.score.end_beat)

    def phase(self, name: str) -> tuple[float, float]:
        return next((a, b) for phase, a, b in phase_beats(self.session) if phase == name)

    def notes_a_minute(self, name: str) -> float:
        first, last = self.phase(name)
        count = sum(first <= note.start_beat < last for note in self.score.notes)
        return 60 * count / (self.clock.seconds(last) - self.clock.seconds(first))

    def each_minute(self, of: Callable[[list[Note]], float]) -> list[float]:
        minutes = range(int(self.end_s // 60))
        return [of([n for n in self.score.notes if self.clock.seconds(n.start_beat) // 60 == m]) for m in minutes]


_kept: dict[str, Written] = {}


def written(name: str) -> Written:
    if name not in _kept:
        _kept[name] = Written(SESSIONS[name])
    return _kept[name]


def test_the_command_line_names_the_catalogue() -> None:
    assert tuple(SESSIONS) == NAMES
    assert len(SESSIONS) >= 6


@every_session
def test_no_voices_move_in_parallel_fifths_or_octaves(session: Session) -> None:
    for before, after in pairwise(written(session.name).piece.voicings):
        for low in range(3):
            for high in range(low + 1, 4):
                assert not parallel((before[low], before[high]), (after[low], after[high]))


def test_parallel_motion_is_told() -> None:
    assert parallel((48, 55), (50, 57))
    assert parallel((48, 60), (45, 57))
    assert not parallel((48, 55), (48, 55))
    assert not parallel((48, 55), (50, 53))
    assert not parallel((48, 55), (53, 48))


@every_session
def test_voices_keep_their_ranges_their_order_and_small_steps(session: Session) -> None:
    voicings = written(session.name).piece.voicings
    for voicing in voicings:
        assert list(voicing) == sorted(set(voicing))
        assert all(low <= pitch <= high for pitch, (low, high) in zip(voicing, RANGES, strict=True))
        assert voicing[SOPRANO] - voicing[ALTO] <= 12
        assert voicing[ALTO] - voicing[TENOR] <= 12
    steps = [abs(b - a) for before, after in pairwise(voicings) for a, b in zip(before[1:], after[1:], strict=True)]
    assert max(steps) <= 7
    assert sum(steps) / len(steps) < 1.5


@every_session
def test_chords_are_whole_and_follow_each_other(session: Session) -> None:
    piece = written(session.name).piece
    assert follows(list(piece.slots))
    for slot, voicing in zip(piece.slots, piece.voicings, strict=True):
        assert voicing[BASS] % 12 == slot.sonority.bass
        assert {pitch % 12 for pitch in voicing[1:]} <= slot.sonority.tones
        assert {pitch % 12 for pitch in voicing}.issuperset(slot.sonority.needed)


@every_session
def test_a_suspended_fourth_falls_to_the_third(session: Session) -> None:
    piece = written(session.name).piece
    found = 0
    for (held, a), (resolved, b) in pairwise(zip(piece.slots, piece.voicings, strict=True)):
        if held.chord.form == "4" and resolved.chord.degree == held.chord.degree and resolved.chord.form == "":
            fourth = held.sonority.falling[0]
            falls = [y - x for x, y in zip(a[1:], b[1:], strict=True) if x % 12 == fourth]
            assert all(fall in (-1, -2) for fall in falls)
            found += 1
    assert found >= 3


@every_session
def test_periods_close_and_the_piece_ends_on_its_tonic(session: Session) -> None:
    piece = written(session.name).piece
    last = piece.phrases[-1]
    assert last.slots[-1].chord.degree == 0
    assert piece.voicings[-1][BASS] % 12 == last.key.tonic
    closed = [phrase for phrase in piece.phrases if phrase.closing]
    home = [phrase for phrase in closed if any(slot.chord.degree == 0 for slot in phrase.slots[-2:])]
    assert len(home) > 0.75 * len(closed)


@every_session
def test_harmony_is_not_a_loop(session: Session) -> None:
    phrases = written(session.name).piece.phrases
    different = {(p.key, tuple((s.chord.degree, s.chord.form) for s in p.slots)) for p in phrases}
    assert len(different) > 0.6 * len(phrases)
    assert len({phrase.key for phrase in phrases}) >= 3


def test_rest_lies_on_a_pedal() -> None:
    piece = written("riviere").piece
    calm = [phrase for phrase in piece.phrases if phrase.stage == 2]
    assert all(slot.sonority.bass == phrase.key.tonic for phrase in calm for slot in phrase.slots)
    assert all(len({slot.chord.degree for slot in phrase.slots}) <= 3 for phrase in calm)


@every_session
def test_players_stay_in_their_reach(session: Session) -> None:
    programs = {p.instrument.channel: p.instrument.program for p in session.ensemble if p.role != "waves"}
    for note in written(session.name).score.notes:
        low, high = REACH.get(programs.get(note.channel, -1), (0, 127))
        assert low <= note.pitch <= high
        assert 1 <= note.velocity <= 127
        assert note.beats > 0


@every_session
def test_no_note_is_silenced_by_the_end_of_the_one_before(session: Session) -> None:
    ends: dict[tuple[int, int], float] = {}
    for note in sorted(written(session.name).score.notes, key=lambda note: note.start_beat):
        key = note.channel, note.pitch
        assert ends.get(key, 0.0) <= note.start_beat, f"{key} at beat {note.start_beat}"
        ends[key] = note.start_beat + note.beats


@every_session
def test_something_always_sounds(session: Session) -> None:
    w = written(session.name)
    held = sorted((n.start_beat, n.start_beat + n.beats) for n in w.score.notes if n.channel < 14)
    until = 0.0
    for start, end in held:
        assert w.clock.seconds(start) - w.clock.seconds(until) < 2.0
        until = max(until, end)


@every_session
def test_the_song_fits_its_harmony(session: Session) -> None:
    piece = written(session.name).piece
    sung = 0
    for phrase in piece.phrases:
        singer = singing(piece, session.ensemble, phrase)
        motif = material(piece.motif, phrase, session.beats_a_bar, again=False) if singer else None
        if singer is None or motif is None:
            continue
        line = Line(singer.low, singer.high, (singer.low + singer.high) / 2, piece.bass_at)
        song = sing(motif, phrase, session.beats_a_bar, line)
        sung += 1
        for before, after in pairwise(song):
            assert abs(after.pitch - before.pitch) <= 12
            below = piece.bass_at(before.start_beat), piece.bass_at(after.start_beat)
            assert not parallel((below[0], before.pitch), (below[1], after.pitch))
        if phrase.closing:
            assert song[-1].pitch % 12 in {phrase.key.pitch_class(0), phrase.key.pitch_class(2)} | {
                tone for slot in phrase.slots[-2:] for tone in slot.sonority.tones
            }
        end = (phrase.first_bar + 4) * session.beats_a_bar
        assert song[-1].start_beat + song[-1].beats <= end - 0.4, "a song breathes at the end of its phrase"
    assert sung or session.paced


def songs(session: Session) -> list[list[Sung]]:
    """What is sung, phrase by phrase."""
    piece = written(session.name).piece
    found = []
    for phrase in piece.phrases:
        singer = singing(piece, session.ensemble, phrase)
        motif = material(piece.motif, phrase, session.beats_a_bar, again=False) if singer else None
        if singer and motif:
            line = Line(singer.low, singer.high, (singer.low + singer.high) / 2, piece.bass_at)
            found.append(sing(motif, phrase, session.beats_a_bar, line))
    return found


@every_session
def test_what_leans_on_a_strong_beat_is_prepared_and_falls_by_a_step(session: Session) -> None:
    piece = written(session.name).piece
    for song in songs(session):
        for index, sung in enumerate(song):
            slot = piece.slot_at(sung.start_beat)
            strong = sung.start_beat % session.beats_a_bar == 0
            if strong and sung.pitch % 12 not in slot.sonority.tones | {slot.sonority.bass}:
                assert abs(song[index - 1].pitch - sung.pitch) <= 2, "prepared"
                assert 1 <= sung.pitch - song[index + 1].pitch <= 2, "resolved"
                assert sung.beats <= 1.0


def test_songs_sigh_where_they_close() -> None:
    leaning = [
        1
        for name in ("riviere", "jardin", "estuaire", "ancre")
        for song in songs(SESSIONS[name])
        for a, b in pairwise(song[-2:])
        if a.beats == 1.0 and a.pitch - b.pitch == 2 and b is song[-1]
    ]
    assert len(leaning) >= 12


@every_session
def test_a_long_note_never_grates_against_the_voices_below(session: Session) -> None:
    """A minor ninth that lasts."""
    piece = written(session.name).piece
    grating = [
        sung
        for song in songs(session)
        for sung in song
        if sung.beats >= 1
        and any(pitch < sung.pitch and (sung.pitch - pitch) % 12 == 1 for pitch in piece.voicing_at(sung.start_beat))
    ]
    assert len(grating) <= 1


@every_session
def test_phrases_breathe_within_limits(session: Session) -> None:
    grid = written(session.name).piece.grid
    beats, tempi = 4 * session.beats_a_bar, [bpm for _, bpm in grid.tempi]
    slowing = []
    for at in range(0, len(tempi) - 2 * beats, beats):
        own, meant = tempi[at : at + beats], session.arc.tempo.at(grid.at(at + beats / 2))
        assert all(0.83 * meant < bpm < 1.12 * meant for bpm in own), "nobody should notice a jolt"
        slowing.append(1 - own[-1] / max(own))
    assert session.paced or all(0.04 < each < 0.22 for each in slowing)
    assert session.paced or sum(slowing[1::2]) > 1.3 * sum(slowing[0:-1:2]), "a period closes with a longer breath"


def test_a_song_grows_towards_its_height_and_lets_its_last_note_go() -> None:
    session = SESSIONS["riviere"]
    player = next(each for each in session.ensemble if each.role == "song")
    song = [Sung(0.0, 1.0, 70), Sung(1.0, 1.0, 77), Sung(2.0, 2.0, 70)]
    first, height, last = (note.velocity for note in shaped(player, song))
    assert height > first > last


def test_a_motif_and_what_becomes_of_it() -> None:
    motif = Motif(((1.0, 0), (0.5, 2), (0.5, 3), (2.0, None)))
    assert inverted(motif).cells == ((1.0, 0), (0.5, -2), (0.5, -3), (2.0, None))
    assert augmented(motif).beats == 2 * motif.beats
    assert head(motif, 1.5).cells == ((1.0, 0), (0.5, 2))
    assert head(motif, 6.0).beats == 6.0
    assert simplified(motif).cells == ((2.0, 0), (2.0, None))
    assert ornamented(motif).cells[:2] == ((0.5, 0), (0.5, 1))
    assert ornamented(motif).beats == motif.beats


def test_the_u_in_tempo() -> None:
    for name in ("riviere", "jardin", "estuaire"):
        w = written(name)
        assert w.end_s >= 20 * 60
        means = phrase_tempi(w)
        assert means[0] == pytest.approx(80, abs=1.0)
        assert min(means) == pytest.approx(50, abs=1.0)
        assert means[-2] == pytest.approx(65, abs=1.5)
        bottom = means.index(min(means))
        assert all(b <= a + 0.1 for a, b in pairwise(means[:bottom]))
        assert all(b >= a - 0.1 for a, b in pairwise(means[bottom:-1])), "but for the last phrase, which slows to end"


def phrase_tempi(w: Written) -> list[float]:
    beats = 4 * w.session.beats_a_bar
    tempi = [bpm for _, bpm in w.piece.grid.tempi]
    return [sum(tempi[at : at + beats]) / beats for at in range(0, len(tempi), beats)]


def test_the_u_in_density() -> None:
    for name in ("riviere", "jardin", "estuaire"):
        w = written(name)
        welcome, descent, rest, rise, end = (w.notes_a_minute(stage.name) for stage in w.session.arc.stages)
        assert welcome > descent > rest < rise < end < welcome
        assert rest < 0.4 * welcome
        minutes = w.each_minute(lambda notes: float(len(notes)))
        assert all(b <= a * 1.08 + 4 for a, b in pairwise(minutes[2:10])), "falls without coming back"


def test_the_register_falls_too() -> None:
    for name in ("riviere", "jardin", "estuaire", "veilleuse", "ancre", "abri"):
        minutes = written(name).each_minute(lambda notes: sum(n.pitch for n in notes) / len(notes))
        assert min(minutes[len(minutes) // 3 :]) < minutes[0] - 2


def test_the_l_falls_and_stays() -> None:
    for name in ("nuit", "veilleuse"):
        w = written(name)
        assert w.end_s >= 20 * 60
        tempi = phrase_tempi(w)[:-1]
        assert all(b <= a + 0.1 for a, b in pairwise(tempi))
        densities = [w.notes_a_minute(stage.name) for stage in w.session.arc.stages]
        assert all(b < a for a, b in pairwise(densities))
        levels = [w.session.arc.level_db.at(at / 50) for at in range(3, 51)]
        assert all(b <= a for a, b in pairwise(levels))
        assert levels[-1] <= -40


def test_a_crisis_is_met_and_settles_in_six_minutes() -> None:
    for name in ("ancre", "abri"):
        w = written(name)
        assert 340 <= w.end_s <= 400
        tempi = phrase_tempi(w)
        assert tempi[0] > 88
        assert tempi[-2] < 62
        assert w.notes_a_minute("Rencontre") > 2 * w.notes_a_minute("Ancrage")
        assert w.piece.phrases[0].key.mode == "aeolian"
        assert w.piece.phrases[-1].key.mode == "ionian"


def test_six_breaths_a_minute() -> None:
    w = written("souffle")
    bars = [w.clock.seconds(bar * 10) for bar in range(w.piece.grid.bars + 1)]
    assert all(b - a == pytest.approx(10.0, abs=0.001) for a, b in pairwise(bars))
    assert bars[-1] == pytest.approx(600.0, abs=0.01)
    pad = [c for c in w.score.controls if c.channel == 1 and c.number == 11 and c.beat < 600]
    for bar in range(1, 59):
        inside = [(c.beat - bar * 10, c.value) for c in pad if bar * 10 <= c.beat < bar * 10 + 10]
        crest = max(inside, key=lambda at_value: at_value[1])[0]
        assert crest == pytest.approx(4.0, abs=0.6), "breathing in takes four seconds of ten"


@every_session
def test_phases_are_named_timed_and_leave_no_hole(session: Session) -> None:
    phases = phase_beats(session)
    assert [name for name, _, _ in phases] == [stage.name for stage in session.arc.stages]
    assert phases[0][1] == 0.0
    assert phases[-1][2] == written(session.name).score.end_beat
    assert all(before[2] == after[1] for before, after in pairwise(phases))
    w = written(session.name)
    for (_, first, _), stage in zip(phases, session.arc.stages, strict=True):
        assert w.clock.seconds(first) / w.end_s == pytest.approx(stage.start, abs=0.05)


@every_session
def test_the_same_seed_gives_the_same_bytes(session: Session) -> None:
    assert to_midi(compose(session)) == to_midi(written(session.name).score)


def test_another_seed_gives_other_music() -> None:
    assert to_midi(bed(60, "harp", 1)) != to_midi(bed(60, "harp", 2))


@pytest.mark.parametrize("style", UNDER_A_VOICE)
def test_a_bed_is_long_enough_and_sings_not(style: str) -> None:
    score = bed(90.0, style, 4)
    assert score.seconds_at(score.end_beat) >= 90.0
    assert len(score.notes) < 90 * 2


def test_a_bed_comes_forward_in_long_silences_and_is_back_before_the_words() -> None:
    arc = bed_arc(300.0, ((100.0, 140.0),))
    level = {at: arc.level_db.at(at / 300) for at in (60, 99, 110, 130, 141, 200)}
    assert level[60] == level[99] == level[141] == level[200] == UNDER_WORDS_DB
    assert level[110] == level[130] == 0.0 >= UNDER_WORDS_DB + 3
    assert to_midi(bed(300.0, "harp", 1)) != to_midi(bed(300.0, "harp", 1, ((100.0, 140.0),)))


def test_the_clock_agrees_with_the_score() -> None:
    w = written("ancre")
    for beat in (0.0, 0.5, 17.25, 200.0, w.score.end_beat):
        assert w.clock.seconds(beat) == pytest.approx(w.score.seconds_at(beat), abs=1e-6)


def test_a_suspension_has_its_fourth_for_its_third() -> None:
    key = SESSIONS["riviere"].keys[0][0]
    dominant = Chord(4, "4")
    assert sound(key, dominant).tones == {2, 4, 9}


def test_the_sea_is_the_same_each_time() -> None:
    first = sea_soundfont()
    sea_soundfont.cache_clear()
    assert sea_soundfont() == first
    assert first[:4] == b"RIFF"
    assert int.from_bytes(first[4:8], "little") == len(first) - 8
