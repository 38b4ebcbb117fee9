"""`chevet-audio sessions`: one at a time, nothing of a killed run stays, what fails is told with its reason."""

import fcntl
import json
from pathlib import Path

import msgspec
import pytest

from audio.cli import main
from audio.montage.ensembles import UNDER_A_VOICE
from audio.montage.sessions import SESSIONS
from audio.voice.script import names
from audio.voice.sessions import KINDS, UNDERLAY, WORDS, Made, Row, Words, jobs, table
from audio.voice.underlay import STYLES, Underlay


def test_all_that_chevet_makes_is_a_job(tmp_path: Path) -> None:
    made = jobs(tmp_path, tmp_path / WORDS, "kokoro", None)
    assert sorted(job.name for job in made) == sorted([*SESSIONS, *names(), WORDS])
    assert len(made) >= 10


def test_what_fails_is_told_and_nothing_is_made_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "sessions"
    (out / ".riviere-left").mkdir(parents=True)
    (out / ".riviere-left/score.wav").write_bytes(b"of a killed run")
    assert main(["sessions", str(out), "--soundfont", str(tmp_path / "none.sf3"), "--json"]) == 1
    said = capsys.readouterr()
    made = msgspec.json.decode(said.out, type=Made)
    assert set(made.failed) == {*SESSIONS, *names(), WORDS}
    assert "musescore-general-soundfont" in made.failed["riviere"]
    assert "--fetch" in made.failed[WORDS]
    assert "chevet-audio: riviere: " in said.err
    assert (made.sessions, made.words) == ([], None)
    assert [file.name for file in out.iterdir()] == [".lock"]


def test_one_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["sessions", str(tmp_path)]) == 1
    assert "[busy]" in capsys.readouterr().err


def test_the_table_is_french() -> None:
    row = Row("nuit", "La nuit", "sleep", "mer et nappes", 1479.4, -23.04, -8.6, 123_400_000, "f")
    made = Made([row], Words(204, 357.8, 1, "kokoro 1.0"), {"ancre": "trop fort"})
    lines = table(made).splitlines()
    cells = [cell.strip() for cell in lines[1].split("  ") if cell]
    assert cells == ["nuit", "La nuit", "sommeil", "mer et nappes", "24 min 39", "-23,0", "-8,6", "123"]
    assert "204 textes dits, 6,0 min" in lines[2]
    assert "ancre" in lines[3]
    assert json.loads(msgspec.json.encode(made))["failed"] == {"ancre": "trop fort"}


def test_every_kind_and_every_underlay_has_its_french_name() -> None:
    assert {session.kind for session in SESSIONS.values()} | {"sophrology"} <= set(KINDS)
    assert set(STYLES) == set(UNDER_A_VOICE)
    assert UNDERLAY in STYLES


def test_an_underlay_is_named_by_what_it_depends_on() -> None:
    assert Underlay("harp").sha256 == Underlay("harp").sha256
    assert len({Underlay("harp").sha256, Underlay("harp", 2).sha256, Underlay("pads").sha256}) == 3
    assert "MIT" in Underlay("harp").source
