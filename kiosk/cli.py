"""`chevet-kiosk`: the bedside screen."""

import argparse
import logging
import os
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.appliance import commands as appliance

if TYPE_CHECKING:
    from kiosk.screen.gallery.pages import Way
    from kiosk.screen.port import Window
    from kiosk.shell.config import Screen

_TEACH = """\
The kiosk draws the screens, hears the finger and the button, and keeps what the person answers. It needs no network.

examples:
  chevet-kiosk run --config var/box/kiosk.toml        the box itself
  chevet-kiosk selftest --config var/box/kiosk.toml   what works on this box, and what to do about what does not
  chevet-kiosk update|take-update|health              run by the image's own units (docs/appliance.md)
  chevet-kiosk pin > chevet-box.toml                  asks for staff's PIN, and makes the file for the box's card
  chevet-kiosk box-file chevet-box.toml               what the box will say of that file, before it is on the card
  chevet-kiosk draw --list                            the screens that can be drawn without a box
  chevet-kiosk draw cone-six cone.png --size 800x480  one of them as a picture
  chevet-kiosk draw home-one home.png --language en --night
  chevet-kiosk draw --plan plan.json --list           the screens of a plan (CarePlan, JSON), as the box will show it
  chevet-kiosk draw --plan plan.json --into out home care.riviere.0
  chevet-kiosk draw --all var/gallery                 all of them: both sizes, both languages, day and night
  chevet-kiosk draw --pages docs/gallery              the gallery with its captions
"""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return int(options.act(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chevet-kiosk", description=_TEACH, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="be the box's screen until told to stop")
    run.add_argument("--config", type=Path, required=True, help="kiosk.toml")
    run.set_defaults(act=_run)
    appliance.add(commands)
    pin = commands.add_parser(
        "pin", help="staff's PIN for the service screen, as chevet-box.toml and kiosk.toml keep it"
    )
    pin.set_defaults(act=_pin)
    box_file = commands.add_parser("box-file", help="look at a chevet-box.toml as the box will, on any computer")
    box_file.add_argument("file", type=Path)
    box_file.set_defaults(act=_box_file)
    draw = commands.add_parser("draw", help="draw screens as pictures, without a box")
    draw.add_argument("screen", nargs="*", help="a name of --list and the PNG to write; with --into, names alone")
    draw.add_argument("--size", default="1280x800", choices=("1280x800", "800x480"))
    draw.add_argument("--list", action="store_true", help="name the screens")
    draw.add_argument("--plan", type=Path, metavar="FILE", help="the screens of this plan, not the samples")
    draw.add_argument("--into", type=Path, metavar="FOLDER", help="with --plan: a PNG for each screen named")
    draw.add_argument("--language", default="fr", choices=("fr", "en"))
    draw.add_argument("--night", action="store_true", help="in the colours of the night")
    draw.add_argument("--all", type=Path, metavar="FOLDER", help="draw every screen in every way into FOLDER")
    draw.add_argument("--pages", type=Path, metavar="FOLDER", help="write the gallery, small, with its captions")
    draw.set_defaults(act=_draw)
    return parser


def _run(options: argparse.Namespace) -> int:
    from kiosk.button.port import ButtonError
    from kiosk.screen.port import ScreenError
    from kiosk.shell.config import ConfigError, read
    from kiosk.shell.process import run

    logging.basicConfig(level=logging.INFO, format="kiosk: %(message)s", stream=sys.stderr)
    try:
        return run(read(options.config), _window, lambda: print("kiosk: ready", flush=True))
    except (ConfigError, ScreenError, ButtonError) as error:
        return _fail(str(error))


def _window(screen: "Screen") -> "Window":
    """SDL takes the driver that the configuration names and no other: a silent fallback is a black screen."""
    os.environ["SDL_VIDEODRIVER"] = screen.driver
    os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
    from kiosk.screen.window import SdlWindow

    return SdlWindow((screen.width, screen.height))


def _pin(_: argparse.Namespace) -> int:
    """Asked without being shown; from a pipe it is read as a line."""
    from kiosk.journey.chapters.service import DIGITS
    from mqtt_bridge.seal import code_digest

    asked = sys.stdin.isatty()
    pin = getpass(f"PIN, {DIGITS} digits: ") if asked else sys.stdin.readline().strip()
    if len(pin) != DIGITS or not (pin.isascii() and pin.isdigit()):
        return _fail(f"pin: {DIGITS} digits, nothing else")
    if asked and getpass("the same again: ") != pin:
        return _fail("pin: those were two different ones: begin again, and put no file on the card")
    print(f'[service]\npin = "{code_digest(pin)}"')
    return 0


def _box_file(options: argparse.Namespace) -> int:
    from kiosk.shell.box_file import NAME, BoxFileError, named, read

    try:
        found = named(read(options.file))
    except (BoxFileError, OSError) as error:
        return _fail(f"box-file: {error}")
    print(f"{NAME}: sets {', '.join(found) or 'nothing'}. On the card's first partition it is called {NAME}.")
    return 0


def _draw(options: argparse.Namespace) -> int:
    from kiosk.screen import gallery
    from kiosk.screen.gallery import pages

    if options.plan is not None:
        return _draw_plan(options)
    if options.list:
        print("\n".join(gallery.VIEWS))
        return 0
    if options.all is not None:
        print(f"{pages.draw_all(options.all)} pictures in {options.all}")
        return 0
    if options.pages is not None:
        print(f"{pages.write(options.pages) / 2**20:.1f} MiB in {options.pages}")
        return 0
    if len(options.screen) != 2 or options.screen[0] not in gallery.VIEWS:
        return _fail(f"draw: give a screen and a PNG; the screens are {', '.join(gallery.VIEWS)}")
    view, way = gallery.samples(options.language)[options.screen[0]].view, _way(options)
    gallery.save(view, way.size, Path(options.screen[1]), pages.frame_of(view, way))
    return 0


def _way(options: argparse.Namespace) -> "Way":
    from kiosk.screen.gallery.pages import Way

    width, height = (int(part) for part in options.size.split("x"))
    return Way(options.language, (width, height), options.night)


def _draw_plan(options: argparse.Namespace) -> int:
    """Each file is whole when it is there: it is written beside its place and moved."""
    from kiosk import words
    from kiosk.screen import gallery
    from kiosk.screen.gallery import pages, planned
    from mqtt_bridge.contract.care import CarePlan
    from mqtt_bridge.contract.codec import ContractError, decode

    try:
        found = planned.screens_of(decode(options.plan.read_bytes(), CarePlan), words.load(options.language))
    except (OSError, ContractError) as error:
        return _fail(f"draw: {options.plan}: {error}")
    if options.list:
        print("\n".join(found))
        return 0
    unknown = [name for name in options.screen if name not in found]
    if options.into is None or not options.screen or unknown:
        return _fail(f"draw: give --into FOLDER and screens of this plan: {', '.join(found)}")
    way = _way(options)
    options.into.mkdir(parents=True, exist_ok=True)
    for name in options.screen:
        made = options.into / f".{name}.{os.getpid()}.png"
        gallery.save(found[name], way.size, made, pages.frame_of(found[name], way))
        made.replace(options.into / f"{name}.png")
    return 0


def _fail(message: str) -> int:
    print(f"chevet-kiosk: {message}", file=sys.stderr)
    return 1
