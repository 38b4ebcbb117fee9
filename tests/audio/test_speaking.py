"""The words that the box says: on a device of their own, before a care, over a care; never in its way."""

import random
import shutil
import struct
from pathlib import Path

import pytest

from audio.player.gain import factor_of, mix, scale, to_stereo, widen
from audio.player.mouth import FETCHES_MAX
from audio.player.protocol import Collect, Hush, Plain, Prepare, Recorded, Say, SetGain, Start, Stop
from audio.player.speech import HUSH_MS
from audio.player.words import Words
from audio.sound_file import write_flac
from tests.audio.bedside import FRAME_BYTES, SESSION, Bedside
from tests.support.paced.package import make_package
from tests.support.paced.player import start_player, wait_for, wait_spoken

WORDS = struct.pack("<48000h", *(random.Random(5).randrange(-9000, 9000) for _ in range(48_000)))  # noqa: S311
"""One second."""
HALF_DB = -6.0


def say(bed: Bedside, words: bytes = WORDS, name: str = "one", unsaid: int = 0) -> None:
    bed.ask(Say(id=name, pieces=(Recorded("/nowhere.flac"),), gain_db=HALF_DB))
    bed.fetches[-1].words = Words(words, unsaid)
    bed.core.tick()


def at_level(words: bytes = WORDS) -> bytes:
    return to_stereo(scale(widen(words), factor_of(HALF_DB)))


@pytest.fixture
def bed(tmp_path: Path) -> Bedside:
    return Bedside(tmp_path)


def over(bed: Bedside) -> list[tuple[str, str, int]]:
    return [(one.id, one.outcome, one.unsaid) for one in bed.core.spoken()]


def test_words_are_said_at_their_level_and_the_device_is_given_back(bed: Bedside) -> None:
    say(bed)
    bed.let_pass(1_500)
    assert bytes(bed.own_sink.written) == at_level()
    assert bed.own_sink.closed
    assert over(bed) == [("one", "said", 0)]
    assert bed.core.wait_s_max() is None


def test_a_hush_is_soft_and_soon(bed: Bedside) -> None:
    say(bed)
    bed.let_pass(300)
    bed.ask(Hush())
    bed.let_pass(500)
    said_ms = len(bed.own_sink.written) / FRAME_BYTES / 48
    assert said_ms < 300 + 250 + HUSH_MS + 60
    assert bytes(bed.own_sink.written[-FRAME_BYTES:]) == bytes(FRAME_BYTES)
    assert over(bed) == [("one", "hushed", 0)]


def test_new_words_take_the_place_of_the_old_ones(bed: Bedside) -> None:
    say(bed)
    bed.let_pass(300)
    say(bed, name="two")
    assert over(bed) == [("one", "hushed", 0)]


def test_a_preparation_finds_the_device_free(bed: Bedside) -> None:
    say(bed)
    bed.let_pass(300)
    bed.prepare()
    assert bed.own_sink.closed
    assert over(bed) == [("one", "hushed", 0)]


def test_words_wait_while_a_session_is_prepared_and_end_at_its_start(bed: Bedside) -> None:
    bed.ask(Prepare(session=SESSION, package=str(bed.package.path)))
    say(bed)
    bed.let_pass(500)
    assert not bed.own_sink.written
    bed.preparation.end = bed.opened
    bed.let_pass(300)
    assert bytes(bed.sink.written) == at_level()[: len(bed.sink.written)] != b""
    said = len(bed.sink.written)
    bed.ask(Start(SESSION))
    assert over(bed) == [("one", "hushed", 0)]
    bed.let_pass(4_000)
    assert bytes(bed.sink.written[said:]) == bed.samples  # the care is bit for bit what it is
    assert bed.core.status().outcome == "heard_whole"
    assert bed.core.status().gaps_total == 0


def test_after_words_said_to_their_end_the_care_is_whole_too(bed: Bedside) -> None:
    bed.prepare()
    say(bed)
    bed.let_pass(2_000)
    assert over(bed) == [("one", "said", 0)]
    said = len(bed.sink.written)
    assert said == len(at_level())
    bed.ask(Start(SESSION))
    bed.let_pass(4_000)
    assert bytes(bed.sink.written[said:]) == bed.samples
    assert bed.core.status().outcome == "heard_whole"


def test_over_a_care_the_music_goes_on_with_the_words_in_it(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(500)
    say(bed)
    bed.let_pass(4_000)
    assert over(bed) == [("one", "said", 0)]
    written, begins = bytes(bed.sink.written), 0
    while written[begins : begins + FRAME_BYTES] == bed.samples[begins : begins + FRAME_BYTES]:
        begins += FRAME_BYTES
    words = at_level()
    assert 0 < begins <= 48_000 * FRAME_BYTES
    ends = begins + len(words)
    assert written[begins:ends] == mix(bed.samples[begins:ends], words)
    assert written[ends:] == bed.samples[ends:]
    assert bed.core.status().outcome == "heard_whole"
    assert not bed.own_sink.written


def test_words_over_a_care_end_with_it(bed: Bedside) -> None:
    bed.start()
    say(bed, WORDS * 20)
    bed.ask(Stop(SESSION))
    bed.let_pass(3_000)
    assert bed.core.status().outcome == "stopped"
    assert over(bed) == [("one", "hushed", 0)]


def test_a_level_changes_while_words_are_said(bed: Bedside) -> None:
    bed.start()
    say(bed)
    bed.ask(SetGain(SESSION, -12.0))
    bed.let_pass(4_000)
    assert bed.core.status().outcome == "heard_whole"
    assert bed.core.status().level_changes_total == 1


def test_what_could_not_be_said_is_told(bed: Bedside) -> None:
    say(bed, b"", unsaid=1)
    assert over(bed) == [("one", "said", 1)]
    assert not bed.own_sink.written


def test_a_device_that_is_lost_ends_the_words_and_nothing_else(bed: Bedside) -> None:
    say(bed)
    bed.own_sink.vanish()
    bed.let_pass(200)
    assert over(bed) == [("one", "said", 1)]
    assert bed.prepare().phase == "ready"


def test_a_device_that_hangs_is_given_up(bed: Bedside) -> None:
    say(bed)
    bed.own_sink.hang()
    bed.let_pass(20_000, 500)
    assert bed.own_sink.closed
    assert [name for name, *_ in over(bed)] == ["one"]


def test_recordings_that_never_come_are_given_up_and_do_not_pile_up(bed: Bedside) -> None:
    for number in range(FETCHES_MAX + 3):
        bed.ask(Say(id=str(number), pieces=(Plain("Bonjour"),)))
    assert len(bed.fetches) == FETCHES_MAX
    assert all(fetch.cancelled for fetch in bed.fetches)
    assert over(bed)[-1] == (str(FETCHES_MAX + 2), "said", 1)


def test_without_anybody_there_is_silence(bed: Bedside) -> None:
    say(bed)
    bed.core.clients(attending=0)
    assert bed.own_sink.closed


def test_the_process_says_a_recording_and_refuses_what_it_cannot_say(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.flac", tmp_path / "wrong.flac"
    write_flac(good, WORDS, 48_000, 1)
    write_flac(wrong, WORDS, 44_100, 1)
    with start_player(tmp_path) as player:
        client = player.connect()
        pieces = (Recorded(str(good)), Recorded(str(wrong)), Recorded(str(tmp_path / "none.flac")))
        client.send(Say(id="one", pieces=pieces, gain_db=HALF_DB))
        spoken = wait_spoken(client)
        assert (spoken.outcome, spoken.unsaid) == ("said", 2)
        player.device.wait_for("close")
        assert player.device.played() == at_level()


def test_the_process_speaks_before_and_over_a_care(tmp_path: Path) -> None:
    good, package = tmp_path / "good.flac", make_package(tmp_path / "package", 4)
    write_flac(good, WORDS, 48_000, 1)
    with start_player(tmp_path) as player:
        client = player.connect()
        client.send(Prepare(session="s", package=str(package)))
        wait_for(client, lambda status: status.phase == "ready")
        client.send(Say(id="before", pieces=(Recorded(str(good)),), gain_db=HALF_DB))
        assert wait_spoken(client).id == "before"
        client.send(Say(id="cut", pieces=(Recorded(str(good)),), gain_db=HALF_DB))
        client.send(Start("s"))
        client.send(Say(id="over", pieces=(Recorded(str(good)),), gain_db=HALF_DB))
        status = wait_for(client, lambda status: status.phase == "ended")
        assert (status.outcome, status.gaps_total) == ("heard_whole", 0)
        assert status.frames_played == 4 * 48_000
        client.send(Collect("s"))
    assert at_level() in player.device.played()


def test_plain_words_are_spoken_by_the_plain_voice(tmp_path: Path) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed (apt install espeak-ng)")
    with start_player(tmp_path, speed=4) as player:
        client = player.connect()
        client.send(Say(id="one", pieces=(Plain("Bonjour."),)))
        assert wait_spoken(client).unsaid == 0
    assert len(player.device.played()) > 48_000 * FRAME_BYTES // 3
