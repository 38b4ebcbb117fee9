"""The crash log: what a process said last, kept on the data partition, and bounded."""

from pathlib import Path

from firmware_config.image.recipe.place import TOP
from tests.support import crash_log

MOST = 262_144


def note(folder: Path, said: str) -> None:
    (folder / "said").write_text(said)
    crash_log.note(folder, folder / "said")


def test_what_it_said_last_is_kept(tmp_path: Path) -> None:
    note(tmp_path, "Traceback (most recent call last):\nValueError: no\n")
    log = (tmp_path / "crashes.log").read_text()
    assert "chevet-kiosk" in log
    assert "Result=exit-code" in log
    assert "ValueError: no" in log


def test_it_is_bounded_however_often_and_long_it_crashes(tmp_path: Path) -> None:
    for _ in range(30):
        (tmp_path / "count").unlink(missing_ok=True)  # as another start of the machine
        note(tmp_path, ("x" * 10_000 + "\n") * 40)
    files = sorted(path.name for path in tmp_path.glob("crashes*"))
    assert set(files) <= {"crashes.log", "crashes.log.1"}
    assert sum((tmp_path / name).stat().st_size for name in files) < 2.2 * MOST


def test_one_start_of_the_machine_notes_twenty(tmp_path: Path) -> None:
    for _ in range(25):
        note(tmp_path, "no\n")
    assert (tmp_path / "crashes.log").read_text().count("== chevet-kiosk") == 20


def test_the_units_of_the_box_are_noted() -> None:
    for name in ("kiosk", "player", "link"):
        assert "OnFailure=chevet-crash@%N.service" in (TOP / f"systemd/chevet-{name}.service").read_text()
