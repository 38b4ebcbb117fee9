"""`chevet-audio render`: one montage into a package, or all of them into a folder."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audio.package import Package

DEMO = "demo"
# Named here too, because a help text should not load a composer; a test holds them to the catalogue.
NAMES = ("riviere", "jardin", "estuaire", "nuit", "veilleuse", "ancre", "abri", "souffle")
Progress = Callable[[str, float], None]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Give `render` its words."""
    command.add_argument("montage", nargs="?", choices=[DEMO, *NAMES])
    command.add_argument("out", nargs="?", type=Path, help="the folder to make; one that is there and whole is kept")
    command.add_argument("--all", type=Path, metavar="FOLDER", help="every montage but demo, each in its own folder")
    command.add_argument("--soundfont", type=Path, help="another SF2 or SF3 file than MuseScore General")


def render(options: argparse.Namespace, progress: Progress) -> int:
    """Do what the options say. Raises MontageError."""
    from audio.montage.build import build, build_demo, work_of
    from audio.montage.sessions import SESSIONS

    if bool(options.all) == bool(options.montage) or bool(options.montage) != bool(options.out):
        print("chevet-audio render: give a montage and a folder, or --all and a folder", file=sys.stderr)
        return 2
    if options.montage == DEMO:
        _tell(*build_demo(options.out, options.soundfont, progress))
        return 0
    wanted = [(name, options.all / name) for name in NAMES] if options.all else [(options.montage, options.out)]
    for name, out in wanted:
        _tell(*build(work_of(SESSIONS[name]), out, options.soundfont, progress))
    return 0


def _tell(package: "Package", built: bool) -> None:  # noqa: FBT001 - the pair that `build` returns
    print(f"{package.path}: {package.manifest.title}, {'built' if built else 'already there and whole'}", flush=True)
