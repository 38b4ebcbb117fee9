"""What the test of the image judges by, itself tested: quick, on made-up logs, recordings and pictures."""

import datetime as dt
import random
import struct
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from kiosk.appliance import quiet
from kiosk.journey.views import Banner, ConeView, Frame
from kiosk.screen.gallery import COMMENT, HOME, PAIN
from kiosk.screen.geometry import Rect
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.report import Evaluation
from tests.appliance import eyes, first_cuts, heard, writes
from tests.appliance.counted import Clinic
from tests.appliance.cuts import allowed, confirmed, drawn, lost, promised, told_at, told_of
from tests.appliance.expected import missing
from tests.appliance.resident import Step
from tests.appliance.twin import WORDS, Twin
from tests.appliance.update import NIGHT_HOUR, where_it_is_night
from tests.support.words_of_care import plan

SIZE = (1280, 800)
BANNERS = (WORDS.service.banner_full, WORDS.service.banner_clock)
SECTOR = writes.SECTOR


def log_of(folder: Path, *entries: tuple[int, bytes, int]) -> Path:
    """A log of writes: (sector, data, flags)."""
    pieces = [struct.pack("<QQQI", writes.MAGIC, 1, 0, SECTOR).ljust(SECTOR, b"\0")]
    for sector, data, flags in entries:
        pieces += [struct.pack("<QQQQ", sector, len(data) // SECTOR, flags, 0).ljust(SECTOR, b"\0"), data]
    path = folder / "writes.log"
    path.write_bytes(b"".join(pieces))
    return path


def block(letter: str) -> bytes:
    return letter.encode() * SECTOR


def test_a_replay_up_to_a_flush_has_all_that_stood_before_it(tmp_path: Path) -> None:
    log = log_of(tmp_path, (0, block("a"), 0), (1, block("b"), 0), (0, b"", writes.FLUSH), (0, block("c"), 0))
    disk = tmp_path / "disk"
    for seed in range(8):
        disk.write_bytes(bytes(2 * SECTOR))
        found = writes.entries(log)
        writes.replay(log, writes.survivors(found[:3], seed), disk)
        assert disk.read_bytes() == block("a") + block("b")


def test_what_stands_after_the_last_flush_may_be_there_or_not(tmp_path: Path) -> None:
    log = log_of(tmp_path, (0, block("a"), 0), (0, b"", writes.FLUSH), (0, block("c"), 0))
    found = writes.entries(log)
    assert {len(writes.survivors(found, seed)) for seed in range(16)} == {2, 3}


def test_a_log_is_read_up_to_its_last_whole_entry(tmp_path: Path) -> None:
    log = log_of(tmp_path, (0, block("a"), 0), (1, block("b"), 0))
    log.write_bytes(log.read_bytes()[:-1])
    (first,) = writes.entries(log)
    assert (first.at, first.size, first.flushes) == (0, SECTOR, False)
    assert writes.until([first], first.end - 1) == []
    assert writes.bytes_between([first], 0, first.end) == SECTOR


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(bytes(2 * SECTOR))
    with pytest.raises(writes.LogError, match="no log of writes"):
        writes.entries(path)


def noise(frames: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(frames * heard.FRAME)  # noqa: S311 - the same each time


def test_a_recording_that_holds_the_package_is_whole() -> None:
    package = noise(2000)
    found = heard.compared(noise(300, 2) + package + bytes(400), package)
    assert found.whole
    assert (found.frames, found.in_order) == (2000, 2000)


def test_a_gap_a_repetition_and_an_end_too_early_are_seen() -> None:
    package = noise(4000)
    cut = 1000 * heard.FRAME
    silence = heard.compared(package[:cut] + bytes(640) + package[cut:], package)
    assert not silence.whole
    assert silence.breaks == ((1000, 1000),)
    missing_piece = heard.compared(package[:cut] + package[2 * cut :], package)
    assert not missing_piece.whole
    assert missing_piece.in_order < 4000 - 900
    assert not heard.compared(package[:cut], package).whole
    assert not heard.compared(noise(4000, 3), package).whole


def test_whole_buffers_that_the_emulators_card_throws_away_are_told_from_any_other_gap() -> None:
    package = noise(20 * heard.DROPPED)
    buffer, at = heard.DROPPED * heard.FRAME, 1000 * heard.FRAME
    dropped = heard.compared(package[:at] + package[at + 2 * buffer : -500 * heard.FRAME], package)
    assert dropped.missing == (2 * heard.DROPPED, 500)
    assert not heard.amiss(dropped, 0)
    others = (
        package[:at] + package[at + buffer - 64 * heard.FRAME :],
        package[:at] + bytes(640) + package[at:],
        package[: -3000 * heard.FRAME],
        package[: 2 * at],
        noise(4000, 3),
        b"",
    )
    assert not [one for one in others if not heard.amiss(heard.compared(one, package), 0)]


WITH_GAPS = (
    (
        heard.Heard(
            576_000,
            570_883,
            ((40476, 40476), (48471, 46423), (336258, 334041), (384104, 381185), (575107, 570948)),
            (2048, 169, 702, 1240, 893),
        ),
        3,
    ),
    (
        heard.Heard(
            576_000,
            568_832,
            ((40189, 40189), (48192, 46144), (95050, 93071), (335443, 332194), (480211, 475701), (574336, 568949)),
            (2048, -69, 1270, 1261, 877, 1664),
        ),
        4,
    ),
)
"""What the emulator's sessions of 30 November left (docs/appliance.md), and the player's count of gaps."""


def test_what_was_seen_with_gaps_is_explained_by_so_many_and_by_no_fewer() -> None:
    for seen, gaps in WITH_GAPS:
        assert heard.amiss(seen, gaps) == ""
        assert f"{gaps} places" in heard.amiss(seen, gaps - 1)


def test_ten_buffers_and_the_last_one_need_no_gap() -> None:
    places = (59657, 88621, 91244, 96618, 164834, 272818, 300633, 329224, 512328, 541552, 574368)
    breaks = tuple((at, at - number * heard.DROPPED) for number, at in enumerate(places))
    assert heard.amiss(heard.Heard(576_000, 553_888, breaks, (heard.DROPPED,) * 10 + (1632,)), 0) == ""


def test_a_gap_excuses_no_half_of_a_care() -> None:
    """Found by reading: with one gap by the player's count half of the recording could be missing."""
    frames = 40 * heard.DROPPED
    package, at, most = noise(frames), 1001 * heard.FRAME, 16 * heard.DROPPED * heard.FRAME
    halves = (
        package[:at] + package[at + most - 64 :],
        package[:at] + package[at + most :],
        package[:at] + noise(16 * heard.DROPPED, 4) + package[at + most :],
        package[: frames * heard.FRAME * 6 // 10],
    )
    told = [heard.amiss(heard.compared(one, package), 1) for one in halves]
    assert all(told), told
    one_gap = package[:at] + package[at + 700 * heard.FRAME :]
    assert heard.amiss(heard.compared(one_gap, package), 1) == ""


def test_a_care_of_which_little_is_heard_or_which_is_full_of_gaps_is_refused() -> None:
    """Found by reading: 2,000 of 576,000 frames, with 140 gaps by the player's count, were explained."""
    breaks = tuple((4000 * number, 14 * number) for number in range(1, 141))
    nearly_nothing = heard.Heard(576_000, 2000, breaks, (4000,) * 140)
    assert heard.amiss(nearly_nothing, 140)
    assert heard.gaps_max(576_000) == 6
    whole = heard.Heard(576_000, 576_000, ())
    assert (heard.amiss(whole, 6), bool(heard.amiss(whole, 7))) == ("", True)
    half = heard.Heard(576_000, 290_000, ((280_000, 280_000),), (139 * heard.DROPPED,))
    assert "more than one in 8" in heard.amiss(half, 6)


def test_a_rounding_is_no_break() -> None:
    package = struct.pack("<8h", *range(8)) * 50 + noise(500)
    other = struct.pack("<8h", *range(1, 9)) * 50 + package[800:]
    assert heard._run(other, package) == len(package) // heard.FRAME


def test_the_same_view_is_the_same_picture_and_another_height_is_another() -> None:
    six, seven = (eyes.drawn(replace(PAIN, value=height), Frame(), SIZE) for height in (6, 7))
    assert isinstance(PAIN, ConeView)
    assert eyes.same(six, six)
    assert not eyes.same(six, seven)
    assert not eyes.same(six, eyes.drawn(HOME, Frame(), SIZE))
    assert eyes.apart(six, seven, Rect(0, 0, *SIZE)) == 1.0, "nothing is left to be looked at"


def test_one_line_of_words_is_told_from_another() -> None:
    """Found: home with « pas sûre de l'heure » passed for home that says that its card is full."""
    full, unsure = (eyes.drawn(replace(HOME, banner=Banner(words)), Frame(), SIZE) for words in BANNERS)
    assert eyes.same(full, unsure), "by squares alone they are the same"
    assert eyes.nearer(full, [full], [unsure])
    assert not eyes.nearer(unsure, [full], [unsure])


def test_one_letter_is_told_from_none() -> None:
    one, two = (eyes.drawn(replace(COMMENT, text=text), Frame(), SIZE) for text in ("do", "dos"))
    assert eyes.nearer(two, [two], [one])
    assert not eyes.nearer(one, [two], [one])


def test_what_moves_by_itself_is_not_looked_at() -> None:
    one = eyes.Squares(2, 1, bytes((0, 0, 0, 9, 9, 9)))
    other = eyes.Squares(2, 1, bytes((0, 0, 0, 200, 9, 9)))
    assert eyes.apart(one, other) == 0.5
    assert eyes.apart(one, other, Rect(eyes.SQUARE_PX, 0, 5, 5)) == 0.0


def answered(count: int) -> Twin:
    """Somebody who has answered so many cones."""
    twin = Twin(structs.replace(plan(), period=Period(start_ms=0, end_ms=2**42)), 10.0)
    for target in ("care:riviere", "option:0", "continue"):
        twin.touch(target)
    for _ in range(count):
        twin.touch("cone", 6)
        twin.touch("continue")
    return twin


def test_a_cut_among_the_questions_leaves_what_was_confirmed() -> None:
    twin = answered(2)
    (wanted,) = allowed(twin, (twin.kept,))
    (evaluation,) = wanted
    assert evaluation[:2] == ("evaluation", "before")
    assert {"angoisse=6", "anxiete=6", "status=stopped"} <= set(evaluation)
    assert not any(words.startswith("douleur") for words in evaluation)


def test_a_cut_while_a_care_plays_is_told_as_interrupted() -> None:
    twin = answered(5)
    while type(twin.view).__name__ in ("CommentView", "TextView"):
        twin.touch("continue")
    twin.sound("ready")
    twin.press()
    twin.sound("playing", 0.5)
    (wanted,) = allowed(twin, (twin.kept,))
    assert ("listening", "interrupted") in wanted
    assert len(wanted) == 2, "the answers before it are told too"


def test_what_is_missing_and_what_is_there_otherwise_is_told() -> None:
    twin = answered(5)
    twin.touch("continue")
    (report,) = [one for one in twin.kept.told if isinstance(one, Evaluation)]
    has = dict.fromkeys(("angoisse", "anxiete", "douleur", "agitation", "plaisir"), 6)
    right = Clinic({("x", "before"): {"status": "completed", **has}}, {}, ())
    wrong = Clinic({("x", "before"): {"status": "completed", **has, "douleur": 5}}, {}, ())
    assert missing([report], right) == []
    assert missing([report], wrong)
    assert missing([report], Clinic({}, {}, ()))
    assert told_at(right) == told_of([report])
    assert lost((), [told_of([report])]) == 1
    assert lost((), [told_of([report]), ()]) == 0


def test_cuts_are_the_same_for_a_seed_and_allow_the_next_step() -> None:
    twin = answered(1)
    steps = [Step(f"{at:02}-step", 0.0, 1000 * at, twin.kept) for at in range(6)]
    cuts = drawn(steps, 20, 3)
    assert cuts == drawn(steps, 20, 3)
    assert all(0 <= cut.place <= 5000 for cut in cuts)
    assert {len(cut.kept) for cut in cuts} == {2}


def test_cuts_of_a_first_start_fall_into_each_of_its_stages_and_anywhere_in_it() -> None:
    drawn_now = first_cuts.drawn(12, 5)
    assert drawn_now == first_cuts.drawn(12, 5)
    assert [one.stage for one in drawn_now[:4]] == list(first_cuts.STAGES)
    assert all(0 <= one.after_s <= one.stage.lasts_s for one in drawn_now)
    assert len({one.after_s for one in drawn_now}) == 12
    assert len(first_cuts.STAGES) <= first_cuts.COUNT


def test_what_the_screen_promised_is_cut_at_that_very_instant() -> None:
    twin = answered(5)
    twin.touch("continue")
    (report,) = twin.kept.told
    kept = [replace(twin.kept, told=(report,) * count) for count in (0, 0, 1, 1, 2)]
    steps = [Step(f"{at:02}-step", 0.0, 1000 * at, one) for at, one in enumerate(kept)]
    assert [(cut.place, cut.kept) for cut in promised(steps)] == [(2000, (kept[2],)), (4000, (kept[4],))]
    assert [cut.place for cut in confirmed(steps)] == [2000, 3000, 4000]


@pytest.mark.parametrize("hour", range(24))
def test_it_is_night_somewhere_at_any_hour(hour: int) -> None:
    now = dt.datetime(2026, 11, 30, hour, 59, tzinfo=dt.UTC)
    assert now.astimezone(ZoneInfo(where_it_is_night(now))).hour == NIGHT_HOUR
    assert quiet.NIGHT[0] <= NIGHT_HOUR * 60 < quiet.NIGHT[1] - 60
