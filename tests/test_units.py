"""The units, of the box, its image and the clinic's server: of commands that exist, waiting for no network, confined.

Scored and verified by systemd itself (`systemd-analyze security`, `verify`), in a folder that holds what a unit names.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from audio import cli as audio
from clinic import cli as clinic
from firmware_config.image.recipe.debian import LOCK
from firmware_config.image.recipe.place import IMAGE, listed
from kiosk import cli as kiosk
from mqtt_bridge import cli as link
from tests.test_docs import COMMANDS, TOP

EXPOSURE_MAX = 1.5
UNITS = sorted((TOP / "systemd").glob("*.service"))
CLINICS = {"chevet-console", "chevet-ingest", "chevet-registrar", "chevet-shelf"}
TREE = IMAGE / "tree"
PLUMBING = sorted((TREE / "usr/lib/systemd/system").iterdir())
SYSUSERS = {"box": TREE / "usr/lib/sysusers.d/chevet.conf", "clinic": TOP / "systemd/chevet-clinic.conf"}
PARSERS = {
    "chevet-audio": audio.parser,
    "chevet-clinic": clinic.parser,
    "chevet-kiosk": kiosk._parser,
    "chevet-link": link._parser,
}
OF_DEBIAN = {
    "/usr/bin/rauc": "rauc",
    "/usr/bin/systemctl": "systemd",
    "/usr/bin/test": "coreutils",
    "/usr/bin/touch": "coreutils",
    "/usr/sbin/wpa_supplicant": "wpasupplicant",
}
"""Of the commands that a unit of the box names: the package that brings each (looked at with dpkg -S)."""
WITHOUT_WATCHDOG = {"chevet-first", "chevet-health", "chevet-slot", "chevet-update", "chevet-wpa@", "rauc"}
"""Why each: systemd/README.md."""
ROOT = {"chevet-data", "chevet-first", "chevet-folders", "chevet-restart", "chevet-slot", "rauc"}
"""Why each, and with what: docs/threats.md, « Elevation in the box »."""
ORDER = ("After", "Wants", "Requires", "Requisite", "BindsTo", "PartOf", "Upholds")
WAITS_FOR = re.compile(r"network|time-s|time-wait|timesync|nss-lookup|remote-fs")
"""network-online.target and all that stand for it; time-sync, time-set, systemd-time-wait-sync."""
NEWER = re.compile(r"Unknown key( name)? '(RestartSteps|RestartMaxDelaySec)' in section")
"""Of systemd 254; the box has 257, this machine may have Debian 12's 252."""


def lines(unit: Path) -> list[tuple[str, str]]:
    """(key, value) of each line; a key may come several times."""
    parts = (line.partition("=") for line in unit.read_text().splitlines() if re.match(r"[A-Z]\w+=", line))
    return [(key, value.strip()) for key, _, value in parts]


def values(unit: Path, *keys: str) -> list[str]:
    return [value for key, value in lines(unit) if key in keys]


def commands(unit: Path) -> list[str]:
    """The program of each Exec line, without the signs before it."""
    found = [value.split()[0] for key, value in lines(unit) if re.fullmatch(r"Exec[A-Z]\w+", key)]
    return [program.lstrip("@-:+!") for program in found]


def name_of(unit: Path) -> str:
    return unit.name if unit in PLUMBING else unit.stem


EVERY = [pytest.param(unit, id=name_of(unit)) for unit in (*UNITS, *PLUMBING)]
EVERY_SERVICE = [pytest.param(unit, id=name_of(unit)) for unit in (*UNITS, *PLUMBING) if unit.suffix == ".service"]


@pytest.mark.parametrize("unit", EVERY)
def test_what_a_unit_starts_exists(unit: Path) -> None:
    """One of our commands, a script of the image's tree, or a program of a Debian package that is on the image."""
    pinned = {line.split()[0] for line in listed(LOCK)}
    for program in commands(unit):
        path = Path(program)
        if path.parent == Path("/opt/chevet/bin"):
            assert path.name in COMMANDS, program
        elif path.parent == Path("/usr/lib/chevet"):
            assert (TREE / program.lstrip("/")).stat().st_mode & 0o111, f"{program} is not executable"
        else:
            assert OF_DEBIAN[program] in pinned, program


@pytest.mark.parametrize("unit", EVERY_SERVICE)
def test_our_commands_take_the_words_that_a_unit_gives_them(unit: Path) -> None:
    for value in values(unit, "ExecStart"):
        program, *words = value.split()
        if program.startswith("/opt/chevet/bin/"):
            assert PARSERS[Path(program).name]().parse_args(words)
            assert (Path(program).name == "chevet-clinic") == (unit.stem in CLINICS), "the clinic is not on a box"


def test_a_word_that_a_command_does_not_know_is_found() -> None:
    assert set(PARSERS) == set(COMMANDS)
    with pytest.raises(SystemExit):
        link._parser().parse_args(["run", "--dada", "/var/lib/chevet/data"])


@pytest.mark.parametrize("unit", EVERY_SERVICE)
def test_a_service_starts_something(unit: Path) -> None:
    assert values(unit, "ExecStart")
    assert commands(unit)


@pytest.mark.parametrize("unit", EVERY)
def test_a_unit_waits_for_no_network_and_no_time(unit: Path) -> None:
    order = " ".join(values(unit, *ORDER))
    assert not WAITS_FOR.search(order), order


def test_what_waits_for_a_network_is_found(tmp_path: Path) -> None:
    unit = tmp_path / "waits.service"
    for word in ("network-online.target", "network.target", "time-sync.target", "systemd-time-wait-sync.service"):
        unit.write_text(f"[Unit]\nAfter=a.service\nAfter={word}\nAfter=b.service\n")
        assert WAITS_FOR.search(" ".join(values(unit, *ORDER)))


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_a_unit_has_limits(unit: Path) -> None:
    assert values(unit, "Restart") == ["always"]
    assert values(unit, "MemoryMax")
    assert values(unit, "User") not in ([], ["root"])


def seconds(word: str) -> int:
    """A span of time as our units write it: seconds, or minutes with `min`."""
    return int(word.removesuffix("min")) * (60 if word.endswith("min") else 1)


def restarts() -> dict[str, tuple[int, int]]:
    """Of each unit that is started again: the first wait and the longest, in seconds, as systemd/README.md has them."""
    told = (TOP / "systemd/README.md").read_text().partition("## Started again")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+`) \| (\d+) s \| (?:(\d+) s|always) \|", told, re.MULTILINE)
    return {
        unit: (int(first), int(longest or first))
        for names, first, longest in rows
        for unit in re.findall(r"`(.+?)`", names)
    }


@pytest.mark.parametrize("unit", EVERY_SERVICE)
def test_what_ends_is_started_again_for_ever_and_on_the_box_more_slowly(unit: Path) -> None:
    """The waits that systemd/README.md tells are those of the units, and of no other."""
    told = restarts().get(unit.stem)
    assert bool(told) == bool(values(unit, "Restart")), "a unit that is started again has its line, and no other"
    if told is None:
        return
    (first,) = values(unit, "RestartSec")
    (longest,) = values(unit, "RestartMaxDelaySec") or (first,)
    assert (seconds(first), seconds(longest)) == told
    assert values(unit, "StartLimitIntervalSec") == ["0"], "else it is given up for good after five"
    grows = unit.stem not in CLINICS | {"chevet-selftest"}
    assert (values(unit, "RestartSteps") == ["5"]) == grows
    assert (told[1] > told[0]) == grows


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_a_hung_loop_is_started_anew(unit: Path) -> None:
    assert values(unit, "Type") == ["notify"], "without it nobody would know from when on the watchdog holds it"
    assert int(*values(unit, "WatchdogSec")) >= 20


@pytest.mark.parametrize("unit", [unit for unit in PLUMBING if unit.suffix == ".service"], ids=name_of)
def test_of_the_image_what_runs_on_has_a_watchdog_or_a_why(unit: Path) -> None:
    runs_on = values(unit, "Type") != ["oneshot"]
    assert runs_on == (unit.stem in WITHOUT_WATCHDOG)
    assert not values(unit, "WatchdogSec")
    told = (TOP / "systemd/README.md").read_text().partition("## Without a watchdog")[2]
    assert not runs_on or f"`{unit.stem}`" in told


@pytest.mark.parametrize("where", ["box", "clinic"])
def test_every_account_of_a_unit_is_made(where: str, tmp_path: Path) -> None:
    """By systemd-sysusers itself, in a folder: a line that it does not understand it leaves out without failing."""
    file = SYSUSERS[where]
    (tmp_path / "etc").mkdir()
    words = ("systemd-sysusers", f"--root={tmp_path}", str(file))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    users = {line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    groups = {line.split(":")[0] for line in (tmp_path / "etc/group").read_text().splitlines()}
    ours = [unit for unit in UNITS if (unit.stem in CLINICS) == (where == "clinic")]
    units = ours if where == "clinic" else [*ours, *PLUMBING]
    assert {user for unit in units for user in values(unit, "User")} <= users
    named = " ".join(value for unit in units for value in values(unit, "Group", "SupplementaryGroups")).split()
    assert set(named) - DEBIANS_GROUPS <= groups


def test_what_runs_as_root_is_told() -> None:
    found = {unit.stem for unit in (*UNITS, *PLUMBING) if unit.suffix == ".service" and not values(unit, "User")}
    assert found == ROOT
    (row,) = [line for line in (TOP / "docs/threats.md").read_text().splitlines() if "**Elevation** in the box" in line]
    assert {name for name in ROOT if f"`{name}`" in row} == ROOT
    powers = {unit.stem for unit in PLUMBING if "CAP_SYS_ADMIN" in " ".join(values(unit, "CapabilityBoundingSet"))}
    assert powers == {"chevet-data", "rauc"}


DEBIANS_GROUPS = {"audio", "input", "render", "systemd-journal", "video"}
"""Made by base-passwd and systemd."""


def test_the_clinics_account_is_installed_where_its_units_are() -> None:
    readme = (TOP / "systemd/README.md").read_text()
    assert "systemd-sysusers" in readme
    for name in ("chevet-clinic.conf", *(f"{one}.service" for one in CLINICS)):
        assert name in readme, f"{name}: which line installs it?"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a unit may name, at its place: our units and scripts as they are, systemd's own, each program as a stub."""
    made = tmp_path_factory.mktemp("root")
    units = made / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    for systemds in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copyfile(systemds, units / systemds.name)
    shutil.copytree(TREE, made, dirs_exist_ok=True)
    for unit in UNITS:
        shutil.copyfile(unit, units / unit.name)
    for program in (*(f"/opt/chevet/bin/{name}" for name in COMMANDS), *OF_DEBIAN):
        stub = made / program.lstrip("/")
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
    return made


def complaints(root: Path, unit: str) -> list[str]:
    """What systemd has against a unit of this folder."""
    analyze = shutil.which("systemd-analyze")
    assert analyze, "apt-get install systemd"
    path = root / "usr/lib/systemd/system" / unit
    words = (analyze, "verify", f"--root={root}", "--man=no", "--recursive-errors=no", "--generators=no", str(path))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = [line for line in done.stderr.splitlines() if not NEWER.search(line)]
    return found if found or done.returncode == 0 or done.stderr else [f"exit {done.returncode}"]


@pytest.mark.parametrize("unit", EVERY)
def test_systemd_has_nothing_against_a_unit(root: Path, unit: Path) -> None:
    assert complaints(root, unit.name) == []


@pytest.mark.parametrize(
    "wrong",
    ["ExecStart=/opt/chevet/bin/chevet-nobody", "WatchdogSec=often", "Watchdog=60", "Type=notified"],
)
def test_what_is_wrong_with_a_unit_is_found(root: Path, wrong: str) -> None:
    path = root / "usr/lib/systemd/system/wrong.service"
    path.write_text(f"[Service]\nExecStart=/opt/chevet/bin/chevet-link\n{wrong}\n")
    assert complaints(root, path.name)


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_a_unit_is_confined(unit: Path) -> None:
    """Scored by systemd-analyze, offline: 0 is safe, 10 is unsafe. The image's own: tests/appliance/test_recipe.py."""
    found = scored(unit, EXPOSURE_MAX)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_score_can_fail(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert scored(bare, EXPOSURE_MAX).returncode != 0


@pytest.mark.parametrize("name", ["chevet-data", "chevet-folders", "rauc"])
def test_the_score_of_what_is_root_with_the_disks_is_the_one_that_is_told(name: str) -> None:
    said = scored(TREE / f"usr/lib/systemd/system/{name}.service", 10).stdout
    score = re.search(rf"exposure level for {name}.service: ([\d.]+)", said)
    assert score, said
    readme = (TOP / "systemd/README.md").read_text()
    assert re.search(rf"`{name}`\s\([^)]*: {re.escape(score[1])}\b", readme), f"{name}: {score[1]}"


def scored(unit: Path, most: float) -> "subprocess.CompletedProcess[str]":
    analyze = shutil.which("systemd-analyze")
    assert analyze, "apt-get install systemd"
    words = ("security", "--offline=true", "--no-pager", f"--threshold={round(most * 10)}", str(unit))
    return subprocess.run([analyze, *words], capture_output=True, text=True, check=False)
