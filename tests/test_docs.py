"""What the documents say is true: items, tests, commands, packages, units and words."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kiosk.shell import config
from kiosk.words import LANGUAGES, load

TOP = Path(__file__).parents[1]
ITEMS = (
    [f"A{n}" for n in range(1, 20)]
    + [f"B{n}" for n in range(1, 11)]
    + [f"C{n}" for n in range(1, 7)]
    + [f"D{n}" for n in range(1, 7)]
    + [f"E{n}" for n in range(1, 10)]
    + [f"X{n}" for n in range(1, 11)]
)
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
COMMANDS = sorted(PROJECT["project"]["scripts"])


def _features() -> dict[str, list[str]]:
    rows = [line.strip().strip("|").split("|") for line in (TOP / "docs/FEATURES.md").read_text().splitlines()]
    return {row[0].split()[0]: [cell.strip() for cell in row] for row in rows if re.match(r" [A-EX]\d", row[0])}


def test_every_item_of_the_mission_is_told_once() -> None:
    assert sorted(_features()) == sorted(ITEMS)


def test_what_works_is_shown_by_a_test_that_exists() -> None:
    for item, (_, state, *_, shown) in _features().items():
        assert state in ("works", "partly", "not yet"), item
        paths = re.findall(r"(?:tests|docs)/[\w/.]+", shown)
        assert bool(paths) == (state != "not yet"), f"{item}: {state} is shown by {shown!r}"
        assert all((TOP / path).exists() for path in paths), f"{item}: {paths}"


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "docs/hazards.md", "docs/threats.md", "docs/wire.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    text = (TOP / page).read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    named = re.findall(r"`((?:tests|kiosk|audio|mqtt_bridge|clinic|docs|firmware_config)/[\w/.-]+\w)", text)
    base = (TOP / page).parent
    assert links + named
    assert not [path for path in links if not (base / path).exists()]
    assert not [path for path in named if not (TOP / path).exists()]


def _shown(row: str) -> list[tuple[str, str]]:
    """(file, beginning of a test's name) that the state of a threat names; of a bare name, the one of it."""
    named = re.findall(r"`((?:[\w-]+/)*test_\w+\.py)(?:::(\w+)…?)?`", row.split("|")[-2])
    return [(path if "/" in path else f"*/{path}", test) for path, test in named]


def test_a_threat_that_is_said_to_be_tested_names_a_test_that_exists() -> None:
    lines = (TOP / "docs/threats.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("|") and line.split("|")[-2].strip().startswith("tested")]
    assert len(rows) > 50
    for row in rows:
        shown = _shown(row)
        assert shown, row
        for path, test in shown:
            [found] = TOP.glob(path if path.startswith("tests/") else f"tests/{path}")
            assert f"def {test}" in found.read_text(), f"{path} has no {test}"


def test_every_command_stands_in_the_readme() -> None:
    readme = (TOP / "README.md").read_text()
    assert not [name for name in COMMANDS if name not in readme]


def test_every_room_is_under_the_import_contract_and_in_the_architecture() -> None:
    rooms = {path.parent.name for path in TOP.glob("*/__init__.py")} - {"tests"}
    assert rooms == set(PROJECT["tool"]["importlinter"]["root_packages"])
    architecture = (TOP / "ARCHITECTURE.md").read_text()
    assert not [room for room in rooms if f"`{room}" not in architecture]


def test_every_dependency_has_its_reason() -> None:
    project = PROJECT["project"]
    extras = [
        name for key, names in project["optional-dependencies"].items() if not key.startswith("pi") for name in names
    ]
    names = {re.split(r"[\[>=<; ]", name)[0] for name in [*project["dependencies"], *extras]}
    reasons = (TOP / "ARCHITECTURE.md").read_text().lower()
    aliases = {"paho-mqtt": "paho", "audioop-lts": "audioop", "psycopg": "psycopg"}
    assert not [name for name in names if aliases.get(name, name) not in reasons]


def test_the_box_is_delivered_with_a_configuration_that_is_read() -> None:
    assert config.read(TOP / "firmware_config/box/kiosk.toml").screen.mirror == ""


def test_both_languages_say_the_same_things() -> None:
    french, english = ({name: _holes(text) for name, text in _said(load(language))} for language in LANGUAGES)
    assert french == english


def _said(word: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence with the path of its name; of a list of lines only its name counts, their number may differ."""
    match word:
        case str():
            yield name, word
        case tuple():
            yield name, " ".join(word)
        case dict():
            for key, one in word.items():
                yield from _said(one, f"{name}.{key}")
        case msgspec.Struct():
            for key in word.__struct_fields__:
                yield from _said(getattr(word, key), f"{name}.{key}")


def _holes(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_french_typography() -> None:
    text = "\n".join(file.read_text() for file in (TOP / "kiosk/words/fr").glob("*.toml"))
    said = "\n".join(line.split("=", 1)[1] for line in text.splitlines() if "=" in line and not line.startswith("#"))
    assert not re.findall(r"[^\u202f][?!;]", said)
    assert not re.findall(r"[^\u00a0]:", said)
    assert "'" not in said


def test_no_commit_names_a_registry_or_a_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry" + ".npmjs", "deb." + "debian.org", "/wo" + "rk/"]
    files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=True).stdout.split(
        "\0"
    )
    for name in filter(None, files):
        raw = (TOP / name).read_bytes() if (TOP / name).exists() else b""
        assert not [host for host in hosts if host.encode() in raw], name
