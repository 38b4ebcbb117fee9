"""A few rounds on real processes, and the proof that they can fail. Longer: `make campaign` (docs/campaign.md)."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.furniture import TOP
from tests.campaign.planted import FAULTS, FOUND_AS
from tests.support.brokers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS, SEED = 5, 32


@pytest.fixture(scope="module")
def furniture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first of us leaves the furnished clinic for the others."""
    return tmp_path_factory.mktemp("campaign") / "furniture"


def campaign(furniture: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Its exit code and its figures."""
    command = [sys.executable, "-m", "tests.campaign", "--json", "--furniture", str(furniture), *words]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_what_goes_in_comes_out_once(furniture: Path) -> None:
    code, told = campaign(furniture, "--rounds", str(ROUNDS), "--seed", str(SEED))
    assert told["failed"] == []
    assert told["went_in"] == told["came_out"] > ROUNDS
    assert sum(told["kills"].values()) >= ROUNDS
    assert len(told["accidents"]) >= 4
    assert told["ordered"] == told["asked"], "each order was taken, at once or when it was given again"
    assert set(told["asked"]) == {"plan", "standing"}
    assert (told["plans"], told["orders"], told["lost"], told["waiting"]) == (0, 0, 0, 0)
    assert code == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_put_in_on_purpose_is_found(furniture: Path, fault: str) -> None:
    code, told = campaign(furniture, "--rounds", "1", "--planted", fault)
    assert code == 1
    assert told[FOUND_AS[fault]] > 0


@contextlib.contextmanager
def begun(furniture: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """One of fifty rounds, which have begun."""
    command = [
        sys.executable,
        "-m",
        "tests.campaign",
        "--json",
        "--furniture",
        str(furniture),
        "--rounds",
        "50",
        *words,
    ]
    marked = {**os.environ, "CAMPAIGN_OF": str(furniture)}
    with subprocess.Popen(
        command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=marked
    ) as process:
        assert process.stderr
        assert any("50 rounds begin" in line for line in process.stderr)
        yield process


def test_ended_by_hand_it_tells_of_the_rounds_that_were_run(furniture: Path, tmp_path: Path) -> None:
    """Ctrl+C once: the rounds under way go to their end, and the page of a whole campaign stays."""
    page = tmp_path / "page.md"
    page.write_text("a whole campaign's")
    with begun(furniture, "--seed", str(SEED), "--page", str(page)) as process:
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate()
    told = json.loads(said)
    assert process.returncode == 0, errors
    assert told["rounds"] <= 1
    assert told["went_in"] == told["came_out"]
    assert page.read_text() == "a whole campaign's"
    assert "is left as it was" in errors


def test_ctrl_c_twice_leaves_nothing_running(furniture: Path) -> None:
    """Neither broker nor ingest nor box: each of them has what the campaign was begun with in its environment."""
    with begun(furniture, "--seed", str(SEED)) as process:
        assert process.stderr
        wait_until(lambda: len(of(furniture)) > 4)
        process.send_signal(signal.SIGINT)
        assert any("once more ends it at once" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.communicate()[0] == ""
    assert process.returncode != 0
    wait_until(lambda: of(furniture) == [])


def of(furniture: Path) -> list[str]:
    """The processes of this test's campaign."""
    found = list[str]()
    for one in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += [one.parent.name] if f"CAMPAIGN_OF={furniture}\0".encode() in one.read_bytes() else []
    return found
