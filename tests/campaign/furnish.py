"""A clinic with its boxes, made by its own commands in one process.

    python -m tests.campaign.furnish FOLDER HOST PROTOCOL BOX... [-- WORDS OF init]

FOLDER/clinic is the home, FOLDER/BOX/enrolment what was made for a box.
"""

import sys
from pathlib import Path

from tests.clinic.parts import PASSWORD, PLAN

CLINIC, PATIENT = "maison", "martin"


def furnish(folder: Path, host: str, protocol: str, boxes: list[str], database: list[str]) -> None:
    """Raises SystemExit when a command refuses; its own words are on standard error."""
    secret = folder / "password"
    secret.write_text(PASSWORD)
    ports = ("--broker-port", "18883", "--shelf-port", "18884", "--broker-protocol", protocol)
    _do(folder, "init", "--clinic", CLINIC, "--broker-host", host, *ports, "--demonstration", *database)
    claire = ("--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière")
    _do(folder, "add-practitioner", "claire", *claire, "--password-file", str(secret))
    martin = ("--given", "Jeanne", "--family", "Martin", "--address-as", "Madame Martin", "--team", "claire")
    _do(folder, "add-patient", PATIENT, *martin)
    _do(folder, "validate-access", PATIENT, "--by", "claire", "--why", "dort mal", "--reason", "relaxation")
    (folder / "plan.toml").write_text(PLAN)
    (folder / "manifest.toml").write_text("title = 'rivière'")
    for box in boxes:
        (folder / box).mkdir()
        _do(folder, "enrol", box, "--patient", PATIENT, "--out", str(folder / box / "enrolment"))


def _do(folder: Path, *words: str) -> None:
    from clinic.cli import main as clinic  # whoever only reads these names here needs no Django

    code = clinic([*words, "--home", str(folder / "clinic")])
    if code:
        raise SystemExit(code)


if __name__ == "__main__":
    names, words = sys.argv[4:], list[str]()
    if "--" in names:
        names, words = names[: names.index("--")], names[names.index("--") + 1 :]
    furnish(Path(sys.argv[1]), sys.argv[2], sys.argv[3], names, words)
