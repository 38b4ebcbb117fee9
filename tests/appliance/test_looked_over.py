"""The self-test by the door: its own JSON is read, and what the machine must answer can be missing."""

import json
import subprocess

from kiosk.shell.finding import Finding
from tests.appliance import looked_over


def printed(*findings: Finding) -> list[str]:
    """As `selftest --json` prints them, through the words that the box's shell is asked in."""
    text = json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False)
    split = looked_over._ASKED.rpartition("| ")[2]
    done = subprocess.run(["sh", "-c", split], input=text, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


FINE = tuple(Finding(name, fine=True, detail="déjà vu {1}") for name in looked_over.MACHINE)
KEY = Finding("key-stand-in", fine=False, detail="a STAND-IN", remedy="docs/appliance.md")


def names(lines: list[str]) -> list[str]:
    return [name for name, one in looked_over.read(lines).items() if one["fine"]]


def test_each_finding_is_read_and_what_the_emulator_cannot_have_is_not_asked() -> None:
    lines = printed(*FINE, KEY)
    assert len(lines) == 6
    assert names(lines) == list(looked_over.MACHINE)
    assert looked_over.amiss(names(lines)) == ""
    assert looked_over.held(looked_over.read(lines)).within


def test_what_is_not_fine_or_not_told_is_amiss() -> None:
    broken = Finding("frames", fine=False, detail="no panel is connected and lit")
    others = [one for one in FINE if one.name != "frames"]
    lines = printed(*others, broken)
    assert looked_over.amiss(names(lines)) == "not fine, or not told: frames"
    row = looked_over.held(looked_over.read(lines))
    assert not row.within
    assert "no panel is connected and lit" in row.told
    torn = [line.replace('"network"', '"net[  12.3] usb') for line in printed(*FINE)]
    assert looked_over.amiss(names(torn)).endswith("network")
    assert looked_over.amiss(names(["chevet-kiosk: no such file"])).endswith(
        "sound-card, level, frames, button-line, network"
    )
