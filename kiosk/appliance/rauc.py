"""RAUC, which verifies an update and writes it: asked over D-Bus, because it alone may (rauc.service)."""

import json
import subprocess
from pathlib import Path
from typing import Protocol

INSPECT_S_MAX = 300
INSTALL_S_MAX = 3600
WORDS_MAX = 300
AWAY = (
    "Failed to activate",
    "timed out",
    "disconnected",
    "not provided by",
    "did not receive a reply",
    "Failed to connect",
)
"""In D-Bus's own words: nobody has looked at the update."""
INSTALLER = ("de.pengutronix.rauc", "/", "de.pengutronix.rauc.Installer")


class RaucError(Exception):
    """RAUC refuses it, or could not write it; the message is its own."""


class RaucAwayError(Exception):
    """RAUC could not be asked, and may be later: nothing is said of the update."""


class Rauc(Protocol):
    def version(self, bundle: Path) -> str:
        """The version of a bundle whose signature is the clinic's. Raises RaucError, RaucAwayError."""

    def install(self, bundle: Path) -> None:
        """Write it into the slot that does not run, and make that slot the first. Raises RaucError, RaucAwayError."""


class SystemRauc:
    """The machine's own."""

    def version(self, bundle: Path) -> str:
        said = _run(
            ("busctl", "--json=short", f"--timeout={INSPECT_S_MAX}", "call", *INSTALLER, "Info", "s", str(bundle)),
            INSPECT_S_MAX + 10,
        )
        try:
            _compatible, version = json.loads(said)["data"]
        except (ValueError, KeyError, TypeError) as error:
            raise RaucError(f"RAUC said {said[:WORDS_MAX]!r}") from error
        return str(version)

    def install(self, bundle: Path) -> None:
        _run(("rauc", "install", str(bundle)), INSTALL_S_MAX)


def _run(words: tuple[str, ...], seconds_max: float) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=seconds_max)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RaucAwayError(f"{words[0]}: {error}") from error
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())[-WORDS_MAX:] or f"{words[0]} failed"
        raise RaucAwayError(said) if any(sign in said for sign in AWAY) else RaucError(said)
    return done.stdout
