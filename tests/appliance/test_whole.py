"""The run of all parts without the machine: programs of our own, a folder of our own, the table that they make."""

import json
import os
import select
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from firmware_config.image.recipe.place import TOP
from tests.appliance import cuts, page, part, parts, tidy
from tests.appliance.emulator import Emulator
from tests.appliance.joining import Say
from tests.appliance.part import Told
from tests.appliance.qmp import EmulatorError
from tests.appliance.results import Book, Image, Run
from tests.appliance.table import Row, code, last, summary, table
from tests.appliance.whole import OF, Whole

OURS, OTHER = Image("2026.11.30", "ab" * 32), Image("2026.11.30", "cd" * 32, any=True)
HEARD = Row("a session", "heard")
FAILED = Row("week", "not to its end: the screen is another", boots=2, ended=False)
LOST = Row("cuts", "", boots=2, cuts=3, lost=1)


def run_of(name: str, *rows: Row, image: Image = OURS) -> Run:
    return Run(name, image, "9ed9e03ab", "2026-11-30 17:23", 61.4, 2.5, rows)


def test_the_table_says_of_each_run_its_image_code_hour_time_and_load() -> None:
    runs = [run_of("session", HEARD, Row("its sound", "12 s", boots=0)), run_of("cuts", LOST, image=OTHER)]
    lines = table(runs).splitlines()
    assert lines[0] == f"A: image 2026.11.30, sha256 {'ab' * 32}"
    assert lines[1] == f"B: image 2026.11.30, sha256 {'cd' * 32}, whatever it is of"
    assert lines[2].startswith("  A 9ed9e03ab  2026-11-30 17:23     61 s load  2.5  a session   1 boots   0 cuts")
    assert lines[3].lstrip().startswith("its sound   0 boots"), "a run is told once"
    assert lines[4].startswith("  B 9ed9e03ab")
    assert len(table([run_of("week", replace(FAILED, told="mcopy failed:\nno room\n"))]).splitlines()) == 2


def test_the_last_line_counts_all_and_names_what_is_not_as_it_must() -> None:
    assert summary([run_of("session", HEARD)], ["session"]) == "image-test: 1 boots, 0 cuts, lost 0, twice 0"
    runs = [run_of("session", HEARD), run_of("cuts", LOST), run_of("week", FAILED)]
    told = summary(runs, ["session", "cuts", "week", "idle"])
    assert told == "image-test: 5 boots, 3 cuts, lost 1, twice 0; not to their end: week; not run: idle"
    assert [code(one) for one in (runs, runs[:1], [])] == [1, 0, 1]
    wide = [run_of("session", HEARD), run_of("speed", Row("size", "901 MB", boots=0, within=False), image=OTHER)]
    assert summary(wide).endswith("; beyond their limit: size; of 2 images")
    assert code(wide) == 1


def test_a_part_that_is_run_again_is_judged_by_its_last_run_and_what_it_lost_stays_lost() -> None:
    runs = [run_of("week", FAILED), run_of("session", HEARD), run_of("week", Row("week", "home"))]
    assert summary(runs) == "image-test: 4 boots, 0 cuts, lost 0, twice 0"
    assert code(runs) == 0
    assert [one.rows[0].told for one in last(runs)] == ["home", "heard"]
    again = [run_of("cuts", LOST), run_of("cuts", replace(LOST, lost=0))]
    assert summary(again) == "image-test: 4 boots, 6 cuts, lost 1, twice 0"
    assert code(again) == 1


def test_runs_are_kept_in_a_file_and_the_next_session_goes_on_with_it(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    first = Book(file)
    first.add(run_of("session", HEARD))
    first.add(run_of("week", FAILED))
    second = Book(file)
    assert second.runs == first.runs
    second.add(run_of("cuts", replace(LOST, lost=0), image=OTHER))
    assert [one.part for one in Book(file).runs] == ["session", "week", "cuts"]
    assert second.rest(["session", "week", "cuts", "idle"], OURS) == ["week", "cuts", "idle"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.json"]


def test_two_commands_write_into_one_file_and_neither_takes_the_others_runs_away(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    one, other = Book(file), Book(file)
    one.add(run_of("session", HEARD))
    other.add(run_of("week", FAILED))
    one.add(run_of("cuts", LOST))
    assert [run.part for run in Book(file).runs] == ["session", "week", "cuts"]
    assert [run.part for run in one.runs] == ["session", "week", "cuts"], "the last table is of all"


def test_a_run_that_could_not_be_written_is_written_with_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    book = Book(file)
    (tmp_path / "table.json.part").mkdir()
    with pytest.raises(IsADirectoryError):
        book.add(run_of("session", HEARD))
    (tmp_path / "table.json.part").rmdir()
    book.add(run_of("week", FAILED))
    assert [run.part for run in Book(file).runs] == ["session", "week"]


@pytest.mark.parametrize("text", ["", "{}x", '{"a": 1}', '[{"part": "week"}]', "[3]"])
def test_a_file_of_something_else_is_refused_and_left(tmp_path: Path, text: str) -> None:
    file = tmp_path / "table.json"
    file.write_text(text)
    with pytest.raises(EmulatorError, match=r"table\.json holds no runs"):
        Book(file)
    assert file.read_text() == text


def test_the_page_has_every_part_by_its_last_run_and_what_went_wrong_before(tmp_path: Path) -> None:
    of = tmp_path / "page.md"
    of.write_text(f"before\n{page.FIRST}\nold\n{page.LAST}\nafter\n")
    again = run_of("cuts", replace(LOST, lost=0, told="3 | instants"), Row("a control", "8 lost, as it must", boots=0))
    page.write([run_of("week", FAILED), run_of("cuts", LOST), again], ["session", "cuts", "week"], of)
    text = of.read_text()
    assert text.startswith(f"before\n{page.FIRST}\n")
    assert text.endswith(f"{page.LAST}\nafter\n")
    assert "old" not in text
    assert "`image-test: 6 boots, 6 cuts, lost 1, twice 0; not to their end: week; not run: session`" in text
    assert f"- A: image 2026.11.30, sha256 {'ab' * 32}; test code 9ed9e03ab; 2026-11-30." in text
    assert "| `week` | A 17:23 | 61 | 2 | **week**: not to its end: the screen is another (2 boots) |" in text
    assert "| `cuts`, 2 runs | A 17:23 | 61 | 2 | **cuts**: 3 \\| instants (2 boots, 3 cuts) |" in text
    assert text.index("`cuts`, 2 runs") < text.index("| `week`"), "in the order of the command"
    assert "| | | | | **a control**: 8 lost, as it must |" in text
    assert "- `cuts`, 2026-11-30 17:23, 9ed9e03ab: **cuts**:  (2 boots, 3 cuts, **lost 1**)" in text
    page.write([run_of("session", HEARD)], ["session"], of)
    assert "`image-test: 1 boots, 0 cuts, lost 0, twice 0`" in of.read_text()
    assert "Before their last run" not in of.read_text()


def large(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(tidy.LARGE + 1)
    return path


def test_cards_go_and_what_was_seen_and_what_later_parts_need_stays(tmp_path: Path) -> None:
    gone = [large(tmp_path / name) for name in ("week/disk.img", "week/house/clinic/shelf/a.raucb", "short/disk.img")]
    stay = [large(tmp_path / name) for name in ("short/first.img", "short/writes.log", "update/writes.log")]
    for name in ("week/00-home.png", "week/serial.log"):
        stay.append(tmp_path / name)
        stay[-1].write_text("")
    others = large(tmp_path / "boot/disk.img")
    os.utime(others.parent, (1, 1))
    tidy.tidied(tmp_path, 2.0)
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in [*stay, others])


def test_a_disk_without_room_is_told_before_a_part_begins(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert tidy.short_of(tmp_path, 0) == ""
    assert "GB are free" in tidy.short_of(tmp_path, 2 * free + 1)


class Programs:
    """What runs a part: for each a line of Python, with `rows` to write its rows by."""

    def __init__(self, **lines: str) -> None:
        self._lines = lines

    def __call__(self, name: str, out: Path) -> Sequence[str]:
        written = json.dumps({"rows": [asdict(Row(name, "seen"))], "boots": 1})
        head = (
            f"import os, pathlib, signal, subprocess; rows = lambda: pathlib.Path({str(out)!r}).write_text({written!r})"
        )
        return [sys.executable, "-c", f"{head}\n{self._lines.get(name, 'rows()')}"]


def whole(folder: Path, programs: Programs, names: Sequence[str], image: Image = OURS) -> tuple[list[Run], list[str]]:
    book, said = Book(folder / "table.json"), list[str]()
    (folder / "run/short").mkdir(parents=True, exist_ok=True)
    Whole(book, image, "9ed9e03ab", said.append, programs, folder=folder / "run", room=0).run(names)
    return book.runs, said


def test_whatever_becomes_of_a_part_the_next_one_is_run(tmp_path: Path) -> None:
    broken = {
        "starved": "raise ValueError('not enough values to unpack')",
        "hung": "os.kill(os.getpid(), signal.SIGKILL)",
        "week": "rows(); raise SystemExit(3)",
        "full": "pass",
    }
    runs, _ = whole(tmp_path, Programs(**broken), ["session", *broken, "speed"])
    told = {one.part: one.rows[0] for one in runs}
    assert list(told) == ["session", *broken, "speed"]
    assert told["starved"].told == ("not to its end: its program ended with 1: ValueError: not enough values to unpack")
    assert "ended with -9: it said nothing" in told["hung"].told
    assert "ended with 0: it said nothing" in told["full"].told, "a part that tells nothing has shown nothing"
    assert [name for name, row in told.items() if row.ended] == ["session", "week", "speed"], "what was told stands"
    assert Book(tmp_path / "table.json").runs == runs


def test_a_row_names_no_place_of_this_machine(tmp_path: Path) -> None:
    broken = f"raise ValueError('no picture: {TOP}/var/image/run/week/look.ppm')"
    runs, _ = whole(tmp_path, Programs(damaged=broken), ["damaged"])
    assert runs[0].rows[0].told.endswith("ValueError: no picture: var/image/run/week/look.ppm")


def test_what_is_a_command_of_its_own_is_one_row_of_what_it_told() -> None:
    said = list[str]()

    def look(say: Say) -> None:
        say("made")
        say("opened")

    told = parts.looked_at("the key", look, 4)
    assert told(said.append) == [Row("the key", "made; opened", boots=4)]
    assert said == ["made", "opened"]


def test_what_a_part_leaves_running_is_ended_before_the_next_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    reading = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    try:
        left = f"subprocess.Popen(['sleep', '1000'], stdout=open({str(tmp_path / 'held')!r}, 'wb')); rows()"
        runs, _ = whole(tmp_path, Programs(damaged=left), ["damaged"])
        assert runs[0].fine
        assert select.select([reading], [], [], 60)[0], "who holds the other end still runs"
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


def test_the_cards_from_which_a_part_begins_are_made_first_once_for_each_image(tmp_path: Path) -> None:
    (tmp_path / "run/update").mkdir(parents=True)
    runs, said = whole(tmp_path, Programs(), ["week", "full", "update-cuts", "damaged"])
    assert [one.part for one in runs] == ["session", "week", "full", "update", "update-cuts", "damaged"]
    assert all(one.fine for one in runs)
    assert "week begins from the card of `session`, which is made first" in said
    assert (tmp_path / "run/short" / OF).read_text() == OURS.sha256
    anew, _ = whole(tmp_path, Programs(), ["first-cuts", "week"], OTHER)
    assert [one.part for one in anew[len(runs) :]] == ["first-cuts", "session", "week"]


def test_a_part_without_its_card_is_not_begun(tmp_path: Path) -> None:
    runs, said = whole(tmp_path, Programs(session="raise SystemExit(3)"), ["week", "full", "damaged"])
    assert [one.part for one in runs] == ["session", "week", "full", "damaged"], "what failed is not made before each"
    assert [one.fine for one in runs] == [False, False, False, True]
    assert runs[1].rows[0].told.endswith("begins from the card of `session`, which was not run")
    assert runs[1].rows[0].boots == 0
    assert "week: not begun: it begins from the card of `session`, which was not run" in said


def test_a_cut_that_does_not_come_to_its_end_hides_nothing_of_the_others() -> None:
    """Found by reading: what the cuts before it had lost was told by nobody, and those after it were not made."""

    def one(cut: cuts.Cut) -> Row:
        if cut.number == 1:
            raise EmulatorError("the data partition cannot be mended")
        return Row(f"cut {cut.number}", f"{('listening',)}", boots=0, cuts=1, lost=cut.number)

    rows = cuts.each(lambda _: None, [cuts.Cut(number, 0, ()) for number in range(3)], one)
    whole_row = cuts.summed("cuts", rows, boots=3)
    assert (whole_row.cuts, whole_row.lost, whole_row.ended) == (3, 2, False)
    assert (
        whole_row.told
        == "2 of them had something to tell; not to their end: cut 1: the data partition cannot be mended"
    )
    assert cuts.summed("cuts", rows[::2], boots=0).ended


def test_each_part_has_its_place_and_those_of_a_new_card_are_parts() -> None:
    assert {*parts.ALONE, parts.FIRST, parts.UPDATE_CUTS} <= set(parts.PARTS)
    assert next(iter(parts.PARTS)) == parts.FIRST


def test_what_a_part_tells_is_written_and_an_error_of_the_machine_is_a_row(tmp_path: Path) -> None:
    def lost(_: object) -> list[Row]:
        raise EmulatorError("the screen is another")

    out = tmp_path / "out.json"
    part.run("session", {"session": lambda _: [HEARD]}, out, Told())
    assert [Row(**row) for row in json.loads(out.read_text())["rows"]] == [HEARD]
    part.run("week", {"week": lost}, out, Told())
    (row,) = (Row(**one) for one in json.loads(out.read_text())["rows"])
    assert row == Row("week", "not to its end: the screen is another", boots=Emulator.powered, ended=False)


def test_a_fault_of_the_test_itself_leaves_no_row_and_its_trace(tmp_path: Path) -> None:
    def faulty(_: object) -> list[Row]:
        raise KeyError("cone")

    with pytest.raises(KeyError):
        part.run("week", {"week": faulty}, tmp_path / "out.json", Told())
    assert json.loads((tmp_path / "out.json").read_text()) == {"rows": [], "boots": Emulator.powered}
