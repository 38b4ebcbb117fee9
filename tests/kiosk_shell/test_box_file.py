"""A technician's file on the card: what it sets, how a bad one is refused, and that the box serves all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.button.port import ButtonError
from kiosk.shell.box_file import ALLOWED, FILE_BYTES_MAX, BoxFileError, lay_over, named, over, read
from kiosk.shell.button_lines import open_button
from kiosk.shell.config import ButtonPins, Config, Folders, Voice
from kiosk.shell.selftest import selftest
from mqtt_bridge.seal import code_digest, code_matches

PIN = "246813"
DIGEST = code_digest(PIN)
KIOSK = str(Path(sys.executable).parent / "chevet-kiosk")
LOUD = ("calibration", "device", "level_percent", "level_names", "headphones_control", "gain_db", "loudness", "limits")
"""What decides how loud a box is, by the names of kiosk.toml, player.toml and a plan."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chevet-box.toml"


def box(file: Path, **delivered: object) -> Config:
    here = str(file.parent)
    folders = Folders(data=here, run=here, enrolment=f"{here}/enrolment", packages=f"{here}/packages")
    return Config(folders=folders, box_file=str(file), **delivered)  # type: ignore[arg-type]


def test_what_it_sets_is_laid_over_and_the_rest_stays(file: Path) -> None:
    file.write_text(f'[service]\npin = "{DIGEST}"\n[voice]\nespeak = true\n')
    delivered = box(file, voice=Voice(words="/words", espeak=False, eyes_closed=True))
    laid = lay_over(delivered)
    assert laid.state == "used"
    assert code_matches(laid.config.service.pin, PIN)
    assert laid.config.voice == Voice(words="/words", espeak=True, eyes_closed=True)
    assert over(delivered, read(file)) == laid.config
    assert (laid.config.folders, laid.config.button) == (delivered.folders, delivered.button)
    assert DIGEST not in laid.told, "a log is no place for it"


def lines(button: ButtonPins) -> tuple[int, int, int | None]:
    return button.pin, button.led, button.serving


def test_the_buttons_lines_are_those_of_the_file(file: Path) -> None:
    file.write_text("[button]\npin = 5\nled = 6\n")
    button, laid = open_button(lay_over(box(file, button=ButtonPins(factory="mock", serving=22))))
    assert (lines(laid.config.button), laid.lacking) == ((5, 6, 22), "")
    assert button.factory.pin(22).state  # type: ignore[attr-defined]
    button.close()


def test_lines_that_cannot_be_had_leave_the_delivered_ones_and_are_told(file: Path) -> None:
    file.write_text(f'[service]\npin = "{DIGEST}"\n[button]\npin = 17\nled = 22\n')  # 22 is the second light's
    button, laid = open_button(lay_over(box(file, button=ButtonPins(factory="mock", serving=22))))
    assert lines(laid.config.button) == (17, 27, 22)
    assert "the delivered lines are used" in laid.lacking
    assert laid.config.service.pin == DIGEST, "the rest of the file is used"
    button.close()


def test_without_a_file_a_button_that_cannot_be_had_is_told_as_before(file: Path) -> None:
    with pytest.raises(ButtonError):
        open_button(lay_over(box(file, button=ButtonPins(factory="mock", pin=17, led=17))))


def test_its_names_are_those_of_the_delivered_file() -> None:
    for name in ALLOWED:
        table, key = name.split(".")
        assert hasattr(getattr(Config(folders=Folders("", "", "", "")), table), key)


def test_a_file_that_is_not_there_is_no_trouble(file: Path) -> None:
    laid = lay_over(box(file))
    assert (laid.config, laid.state, laid.told) == (box(file), "absent", "")
    assert [one for one in selftest(box(file)) if one.name == "box-file"] == []


def test_a_laptop_has_no_place_for_one(file: Path) -> None:
    file.write_text(f'[service]\npin = "{DIGEST}"\n')
    config = Config(folders=box(file).folders)
    assert lay_over(config).config == config
    assert lay_over(config).state == ""


def test_what_an_editor_of_windows_writes(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + f'# dièse\r\n[service]\r\npin = "{DIGEST}"\r\n'.encode())
    assert named(read(file)) == ("service.pin",)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('\n[service]\npin = "246813"\n', 3, "chevet-kiosk pin"),
        (f'[service]\npin = "{DIGEST[:-1]}"\n', 2, "whole"),
        (f'[service]\npin = "{DIGEST.replace("t=3", "t=9")}"\n', 2, "chevet-kiosk pin"),
        ("[service]\npin = 246813\n", 2, "never the PIN itself"),
        ("[service]\n", 1, "pin"),
        (
            f'[service]\npin = "{DIGEST}"\npine = 1\n',
            3,
            "service.pine is not set by this file: allowed are service.pin",
        ),
        (f'[service]\npin = "{DIGEST}"\n\n[folders]\ndata = "/"\n', 4, "folders is not set by this file"),
        ('[voice]\nespeak = "oui"\n', 2, "true or false"),
        ('[voice]\nwords = "/ailleurs"\n', 2, "voice.words is not set by this file"),
        ('voice.words = "/ailleurs"\n', 1, "voice.words is not set by this file"),
        ("voice = true\n", 1, "true or false"),
        ("[button]\npin = 17\n", 1, "led"),
        ("[button]\npin = 17\nled = 28\n", 3, "2 to 27"),
        ("[button]\npin = 1\nled = 27\n", 2, "2 to 27"),
        ("[button]\npin = 17\nled = 17\n", 1, "two of its lines are the same"),
        ('[button]\npin = 17\nled = 27\nfactory = "mock"\n', 4, "button.factory is not set by this file"),
        ("[service]\npin = sans guillemets\n", 2, "double quotes"),
        ("[service\n", 1, "double quotes"),
        ('[service]\npin = "', 2, "double quotes"),
    ],
)
def test_a_bad_file_is_refused_by_its_line_with_the_remedy(file: Path, text: str, line: int, words: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BoxFileError, match=words) as told:
        read(file)
    assert told.value.line == line
    assert f"chevet-box.toml, line {line}: " in str(told.value)
    assert PIN not in str(told.value), "a PIN that was written there by mistake is in no log"


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("table", ["", "[service]\n", "[voice]\n", "[button]\n", "[player]\n", "[headphones]\n"])
def test_nothing_that_makes_a_box_louder_can_be_set(file: Path, name: str, table: str) -> None:
    file.write_text(f"{table}{name} = 100\n")
    laid = lay_over(box(file))
    assert (laid.state, laid.config) == ("refused", box(file))


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"x" * (FILE_BYTES_MAX + 1), b"a = " + b"[" * 9_000, b"a" * 200 + b"." + b"b.c" * 3_000],
)
def test_what_is_no_text_leaves_the_box_as_it_was_delivered(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    laid = lay_over(box(file))
    assert (laid.config, laid.state) == (box(file), "refused")
    assert laid.told.startswith("chevet-box.toml")


def test_what_cannot_be_opened_leaves_the_box_as_it_was_delivered(file: Path) -> None:
    file.mkdir()
    laid = lay_over(box(file))
    assert (laid.config, laid.state, laid.line) == (box(file), "refused", 0)
    assert "look at the card" in laid.told


def test_the_self_test_tells_what_became_of_it(file: Path) -> None:
    file.write_text(f'[service]\npin = "{DIGEST}"\n')
    (fine,) = [one for one in selftest(box(file)) if one.name == "box-file"]
    assert (fine.fine, fine.detail) == (True, "chevet-box.toml: service.pin")
    file.write_text("[service]\npin = 1\n")
    (bad,) = [one for one in selftest(box(file)) if one.name == "box-file"]
    assert not bad.fine
    assert "line 2" in bad.detail
    assert "correct it on a computer" in bad.remedy


def run(*words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run([KIOSK, *words], input=typed, capture_output=True, text=True, check=False)


def test_the_command_makes_the_whole_file_and_another_looks_at_it(file: Path) -> None:
    """On any computer: neither needs a box, a screen or a configuration."""
    file.write_text(run("pin", typed=f"{PIN}\n").stdout)
    looked = run("box-file", str(file))
    assert (looked.returncode, looked.stderr) == (0, "")
    assert "sets service.pin" in looked.stdout
    file.write_text("[service]\npine = 1\n")
    looked = run("box-file", str(file))
    assert (looked.returncode, looked.stdout) == (1, "")
    assert "line 2" in looked.stderr
    assert run("box-file", str(file.with_name("none"))).returncode == 1
