"""chevet-audio: devices, packages and the player, from a terminal."""

import argparse
import json
import sys
from pathlib import Path
from typing import TypeAlias

from audio import commands
from audio.errors import AudioError, PackageInUse
from audio.montage import command_line as montage
from audio.package import command_line as packages
from audio.player.protocol import GAIN_DB_MAX, GAIN_DB_MIN
from audio.recording import command_line as recording
from audio.voice import command_line as voice

EPILOG = """examples:
  chevet-audio devices                          which names a configuration may use
  chevet-audio render demo var/packages/demo    make the demonstration package
  chevet-audio check var/packages/demo          is it whole?
  chevet-audio draft > seance.toml              what to write about a recording
  chevet-audio build seance.wav --manifest seance.toml calme
  chevet-audio sign calme --key keys/clinic.secret --clinic evreux
  chevet-audio pack calme calme.chevet
  chevet-audio install calme.chevet --into packages --clinic-key enrolment/clinic.public
  chevet-audio play var/packages/demo --device plughw:CARD=Headphones
  chevet-audio player --socket /run/chevet/player.sock --device plughw:CARD=Headphones
  chevet-audio status --socket /run/chevet/player.sock --json

exit codes: 0 done, 1 refused or failed (one line on stderr says what to do, with --json the same on stdout),
2 wrong usage, 75 in use: try later
"""
TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h
INTERRUPTED = 130  # as a shell tells Ctrl-C
Subcommands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - its only name


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except AudioError as error:
        print(f"chevet-audio: {error} [{error.code}]", file=sys.stderr)
        if getattr(options, "json", False):
            print(json.dumps({"error": error.code, "message": str(error)}, ensure_ascii=False))
        return TRY_LATER if isinstance(error, PackageInUse) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    layout = argparse.RawDescriptionHelpFormatter
    whole = argparse.ArgumentParser("chevet-audio", description=__doc__, epilog=EPILOG, formatter_class=layout)
    subs = whole.add_subparsers(metavar="COMMAND", required=True)
    _packages(subs)
    _sound(subs)
    _player(subs)
    voice.add_arguments(_add(subs, "speak", commands.speak, "Say French texts into files.", 'speak "Bonjour." a.flac'))
    made = _add(
        subs, "sessions", commands.sessions, "Make all montages, guided sessions, words.", "sessions var/sessions"
    )
    voice.add_sessions_arguments(made)
    _json(made)
    return whole


def _add(subs: Subcommands, name: str, run: object, words: str, example: str) -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    command: argparse.ArgumentParser = subs.add_parser(
        name, help=words, description=words, epilog=f"example:\n  chevet-audio {example}", formatter_class=layout
    )
    command.set_defaults(run=run)
    return command


def _packages(subs: Subcommands) -> None:
    for name, run, words, example in packages.COMMANDS:
        packages.add_arguments(name, _add(subs, name, commands.of_package(run), words, example))
    _add(subs, "draft", recording.draft, "Show a draft for `build`.", "draft > seance.toml")
    words, example = "Make a package from recordings and a draft.", "build seance.wav --manifest seance.toml seance"
    recording.add_arguments(_add(subs, "build", commands.of_package(recording.build), words, example))
    render = _add(subs, "render", commands.render, "Render a montage into a package.", "render demo var/packages/demo")
    montage.add_arguments(render)


def _sound(subs: Subcommands) -> None:
    _json(_add(subs, "devices", commands.devices, "Name the playback devices that ALSA knows.", "devices --json"))
    play = _add(subs, "play", commands.play, "Play a package here, to its end.", "play packages/demo --device hdmi")
    play.add_argument("package", type=Path)
    play.add_argument("--gain-db", type=_gain_db, default=0.0, help="-40 to 0 (default 0: as it was made)")
    _settings(play)


def _player(subs: Subcommands) -> None:
    words = "Serve the sound on a Unix socket, until SIGTERM."
    player = _add(subs, "player", commands.serve, words, "player --socket run/player.sock --device plughw:CARD=B1")
    player.add_argument("--socket", help="default /run/chevet/player.sock")
    _settings(player)
    status = _add(subs, "status", commands.show_status, "Ask a player how things are.", "status --socket player.sock")
    status.add_argument("--socket", type=Path, default=Path("/run/chevet/player.sock"))
    _json(status)


def _settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, help="a TOML file with these settings; a flag overrules it")
    command.add_argument("--device", help="the name of an ALSA PCM, never a number: see `chevet-audio devices`")
    command.add_argument("--level-percent", type=int, help="the card's own level, set before each care (default: left)")
    command.add_argument("--headphones-control", help="the ALSA control with a Headphone Jack (default: the device's)")
    command.add_argument("--buffer-ms", type=int, help="the device's buffer (default 1000)")
    command.add_argument("--decode-ahead-ms", type=int, help="decoded before it is needed (default 6000)")
    command.add_argument("--device-wait-s-max", type=float, help="wait for a device that is not there yet (default 10)")
    command.add_argument("--kiosk-away-s-max", type=float, help="fade out when nobody is connected (default 120)")


def _gain_db(text: str) -> float:
    gain_db = float(text)
    if not GAIN_DB_MIN <= gain_db <= GAIN_DB_MAX:
        raise argparse.ArgumentTypeError(f"{text} dB; allowed: {GAIN_DB_MIN:.0f} to {GAIN_DB_MAX:.0f}")
    return gain_db


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON object, for a machine")


if __name__ == "__main__":
    sys.exit(main())
