"""How the image is built, without building it: what is pinned, how far it is, whether two builds are the same."""

import hashlib
import queue
import re
import subprocess
from pathlib import Path

import pytest

from firmware_config.image.recipe import debian, inputs, root, twice
from firmware_config.image.recipe.place import IMAGE, ImageError, listed
from firmware_config.image.recipe.progress import Progress, Step

LINES = ("gcc-14 14.2.0-19 amd64 gcc-14", "swig 4.3.0-1 amd64 swig", "tzdata 2026a-1 all tzdata")


@pytest.mark.parametrize("packages", debian.ALL, ids=lambda one: one.of)
def test_what_is_asked_of_debian_is_pinned(packages: debian.Packages) -> None:
    pinned = [line.split(" ") for line in listed(packages.lock)]
    assert not set(debian._names(f"{packages.of}.txt")) - {words[0] for words in pinned}
    assert {len(words) for words in pinned} == {4 if packages.variant == "apt" else 5}
    assert len(pinned) == len({(words[0], words[2]) for words in pinned})


def lock_of(folder: Path, *lines: str) -> Path:
    path = folder / "bench.lock"
    path.write_text("# of each package\n" + "".join(f"{line}\n" for line in lines))
    return path


def test_the_pinned_packages_are_taken(tmp_path: Path) -> None:
    debian.check_lock(lock_of(tmp_path, *LINES), reversed(LINES))


def test_an_archive_that_has_moved_on_is_refused_with_the_remedy(tmp_path: Path) -> None:
    given = ("gcc-14 14.2.0-19 amd64 gcc-14", "swig 4.3.1-1 amd64 swig", "swig-data 4.3.1-1 all swig")
    with pytest.raises(ImageError) as told:
        debian.check_lock(lock_of(tmp_path, *LINES), given)
    words = str(told.value)
    assert "3 packages are not as bench.lock pins them" in words
    assert "swig 4.3.0-1, now 4.3.1-1" in words
    assert "swig-data none, now 4.3.1-1" in words
    assert "tzdata 2026a-1, now none" in words
    assert "`make packages ONLY=bench` writes bench.lock anew" in words


def test_the_same_version_in_another_file_is_refused(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, "swig 4.3.0-1 arm64 swig " + "a" * 64)
    with pytest.raises(ImageError, match=re.escape("swig 4.3.0-1, another file")):
        debian.check_lock(lock, ["swig 4.3.0-1 arm64 swig " + "b" * 64])


def test_pins_of_another_processor_are_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"bench\.lock pins packages of amd64, and these are of arm64"):
        debian.check_lock(lock_of(tmp_path, *LINES), [line.replace("amd64", "arm64") for line in LINES])


def test_a_lock_that_pins_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="swig none, now"):
        debian.check_lock(lock_of(tmp_path), LINES)


STATUS = """\
Package: swig
Status: install ok installed
Maintainer: nobody <nobody@example.org>
Architecture: amd64
Source: swig-source
Version: 4.3.0-1
Description: words

Package: gcc
Status: install ok installed
Maintainer: nobody <nobody@example.org>
Architecture: amd64
Version: 4:14.2.0-1
Description: words
"""


def test_what_stands_in_the_bench_is_asked_of_dpkg(tmp_path: Path) -> None:
    """By the real dpkg-query, as the bench was unpacked by another one."""
    place = tmp_path / "var/lib/dpkg"
    place.mkdir(parents=True)
    (place / "status").write_text(STATUS)
    bench = debian.Packages(str(tmp_path), "bench", "amd64", Step.BENCH, variant="apt")
    assert debian.contents(bench) == ["gcc 4:14.2.0-1 amd64 gcc", "swig 4.3.0-1 amd64 swig-source"]


def test_what_stands_in_a_root_is_its_note(tmp_path: Path) -> None:
    note = tmp_path / debian.DEBS
    note.parent.mkdir(parents=True)
    note.write_text("".join(f"{line} {'a' * 64}\n" for line in LINES))
    headers = debian.Packages(str(tmp_path), "headers", "arm64", Step.HEADERS)
    assert debian.contents(headers) == [f"{line} {'a' * 64}" for line in LINES]


def test_packages_are_unpacked_anew_where_the_list_or_the_pins_are_others(tmp_path: Path) -> None:
    note, own = tmp_path / "root" / debian.DEBS, str(tmp_path / "own")
    note.parent.mkdir(parents=True)
    there = debian.Packages(str(tmp_path / "root"), own, "arm64", Step.HEADERS)
    for path in (note, there.lock):
        path.write_text("".join(f"{line}\n" for line in LINES))
    (tmp_path / "own.txt").write_text("swig\n")
    debian._stamp(there).write_text(debian._wanted(there))
    said = list[str]()
    with Progress((Step.HEADERS,), said.append, every_s=3600) as say:
        debian.kept(there, say)
    assert said[0].endswith("headers: there already")
    there.lock.write_text(LINES[0])
    assert not debian._stands(there), "pins that came from elsewhere: those packages may be had today"
    there.lock.write_text("\n".join(LINES))
    assert debian._stands(there)
    (tmp_path / "own.txt").write_text("swig\nzstd\n")
    assert not debian._stands(there)


def test_a_bench_from_which_an_emulator_runs_is_not_taken_away(tmp_path: Path) -> None:
    bench, other = tmp_path / "bench", tmp_path / "processes"
    for number, folder in (("17", Path("/")), ("18", tmp_path / "bench2")):
        (other / number).mkdir(parents=True)
        (other / number / "root").symlink_to(folder)
    (other / "19").mkdir()
    debian.leave(bench, other)
    (other / "19/root").symlink_to(bench)
    with pytest.raises(ImageError, match="process 19 runs from bench"):
        debian.leave(bench, other)


def test_what_draws_the_first_pictures_is_an_input() -> None:
    """Another pygame-ce may draw another pixel: the image is built anew then."""
    assert re.fullmatch(r"pygame-ce \d+\.\d+\S*, zlib \S+", inputs.painters())
    assert IMAGE / "bench.lock" in inputs._files()
    assert IMAGE / "headers.lock" in inputs._files()


def test_each_step_is_told_as_one_of_how_many() -> None:
    said = list[str]()
    with Progress(tuple(Step), said.append, every_s=3600) as say:
        say(Step.BENCH, "there already")
        say(Step.SHIP)
        with pytest.raises(ValueError, match="tuple"):
            Progress((Step.BENCH,))(Step.BILL)
    total = len(Step)
    assert re.fullmatch(rf"image: \[ 1/{total}\] +\d+ s  Debian packages: the work bench: there already", said[0])
    assert f"[{total}/{total}]" in said[1]


def test_a_step_that_takes_long_says_so_again() -> None:
    said = queue.Queue[str]()
    with Progress((Step.ROOT, Step.PACK), said.put, every_s=0.01) as say:
        say(Step.ROOT)
        first, *others = (said.get(timeout=60) for _ in range(3))
    assert first.endswith("Debian packages: the root")
    assert all("[ 1/2]" in line and "the root goes on, for " in line for line in others)


def test_every_step_of_a_build_is_said_once_in_its_order() -> None:
    """`[3/10]` is true only if each is said: read in the recipe, in the order in which the build calls it."""
    recipe = Path(root.__file__).parent
    said = [
        name
        for file in ("root.py", "disk.py", "__main__.py")
        for name in re.findall(r"say\(Step\.([A-Z]+)", (recipe / file).read_text())
    ]
    kept = [one.step.name for one in (debian.BENCH, debian.ROOT, debian.HEADERS)]
    assert [*kept, *said] == [step.name for step in Step]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What a build leaves; all of it invented."""
    (tmp_path / "boot").mkdir()
    for name in twice.MADE:
        (tmp_path / name).write_text(name)
    return tmp_path


def test_two_builds_that_are_the_same_are_told_by_both_their_hashes(built: Path) -> None:
    told = twice.compared(twice.hashes(built), twice.hashes(built))
    assert told.startswith("two builds, one hash")
    assert told.count(hashlib.sha256(b"chevet.img").hexdigest()) == 2


@pytest.mark.parametrize("name", twice.MADE)
def test_a_build_that_differs_in_anything_is_refused(built: Path, name: str) -> None:
    former = twice.hashes(built)
    (built / name).write_text("one byte more")
    anew = twice.hashes(built)
    with pytest.raises(ImageError, match=f"these differ: {re.escape(name)}\n") as told:
        twice.compared(former, anew)
    assert former[name] in str(told.value)
    assert anew[name] in str(told.value)


def test_a_build_that_left_nothing_is_no_build(built: Path) -> None:
    (built / "chevet.img").unlink()
    with pytest.raises(ImageError, match=r"chevet\.img.*make image ANEW=1"):
        twice.hashes(built)


def test_where_the_packages_came_from_is_not_seen_in_the_root() -> None:
    """mmdebstrap leaves its words for apt there, and in them the archive that this very workstation uses."""
    assert {"etc/apt", "etc/dpkg", "var/lib/apt"} <= set(root.GONE)


def test_how_a_checkout_was_made_is_not_seen_in_the_root(tmp_path: Path) -> None:
    """Git keeps who may run a file, and nothing more: a checkout of umask 077 would have locked the box's units out."""
    tree, card = tmp_path / "tree", tmp_path / "root"
    (tree / "etc/own").mkdir(parents=True)
    for name, mode in (("etc/own/list", 0o600), ("etc/program", 0o700)):
        (tree / name).write_text(name)
        (tree / name).chmod(mode)
    (tree / "etc").chmod(0o700)
    (card / "etc").mkdir(parents=True)
    (card / "etc").chmod(0o755)
    root.laid(tree, card)
    found = {path.relative_to(card).as_posix(): path.stat().st_mode & 0o777 for path in card.rglob("*")}
    assert (found["etc"], found["etc/own/list"], found["etc/program"]) == (0o755, 0o644, 0o755)


def test_the_script_of_the_boot_is_whole() -> None:
    """mkimage takes any text. U-Boot's shell closes `if` and `for` as a POSIX shell does: one left open is seen."""
    script = str(IMAGE / "boot/boot.cmd")
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
