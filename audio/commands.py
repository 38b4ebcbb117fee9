"""What each command of chevet-audio does. Slow imports stand where they are needed."""

import argparse
import contextlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from audio.player.config import PlayerConfig

Run = Callable[[argparse.Namespace], int]
PackageRun = Callable[[argparse.Namespace, Callable[[str, float], None]], int]
SETTINGS = (
    "device",
    "headphones_control",
    "level_percent",
    "buffer_ms",
    "decode_ahead_ms",
    "device_wait_s_max",
    "kiosk_away_s_max",
)
STATUS_S_MAX = 2.0
PER_CENT = 100
_drawn: dict[str, float] = {}


def devices(options: argparse.Namespace) -> int:
    from audio.player.alsa import device_names

    names = device_names()
    _print(options, {"devices": names}, "\n".join(names) or "ALSA knows no playback device here.")
    return 0


def of_package(run: PackageRun) -> Run:
    """Give a command of audio/package its progress bar."""
    return lambda options: run(options, _progress)


def render(options: argparse.Namespace) -> int:
    from audio.montage.command_line import render as make

    return make(options, _progress)


def speak(options: argparse.Namespace) -> int:
    from audio.voice.command_line import speak as say

    return say(options, _progress)


def sessions(options: argparse.Namespace) -> int:
    from audio.voice.sessions import sessions as make

    return make(options, _progress)


def play(options: argparse.Namespace) -> int:
    from audio.player.foreground import play_here

    status = play_here(_config(options), options.package.absolute(), options.gain_db, _progress)
    print(f"{status.outcome}: {status.frames_played} of {status.frames_total} frames, {status.gaps_total} gaps")
    if status.detail:
        print(f"chevet-audio: {status.detail}", file=sys.stderr)
    return 0 if status.outcome == "heard_whole" else 1


def serve(options: argparse.Namespace) -> int:
    from audio.player.process import run

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run(_config(options, socket=options.socket), _plain)
    return 0


def _plain(text: str) -> bytes:
    """The plain voice, loaded when a box that allows it has words without a recording."""
    from audio.voice.espeak import EspeakVoice
    from audio.voice.port import SPEED
    from audio.voice.utterance import utter

    return utter(text, EspeakVoice(SPEED))


def show_status(options: argparse.Namespace) -> int:
    from audio.player.protocol import PlayerStatus

    status = _asked(options.socket)
    fields = msgspec.to_builtins(status)
    _print(options, fields, "\n".join(f"{name}: {value}" for name, value in fields.items()))
    return 0 if isinstance(status, PlayerStatus) else 1


def _asked(socket: Path) -> object:
    import select

    from audio.client import PlayerClient, PlayerGone
    from audio.player.protocol import Status

    with contextlib.closing(PlayerClient(socket)) as client:
        client.connect()
        client.send(Status())
        while select.select([client], [], [], STATUS_S_MAX)[0]:
            answers = client.receive()
            if answers:
                return answers[-1]
    raise PlayerGone(
        "player-silent", "The player does not answer", value=socket, allowed=f"{STATUS_S_MAX} s", remedy="Restart it."
    )


def _config(options: argparse.Namespace, **more: object) -> "PlayerConfig":
    from audio.player.config import load

    return load(options.config, {**{name: getattr(options, name) for name in SETTINGS}, **more})


def _print(options: argparse.Namespace, fields: object, text: str) -> None:
    print(msgspec.json.encode(fields).decode() if options.json else text)


def _progress(words: str, done: float) -> None:
    """Draw one line that grows, on a terminal; a line each quarter elsewhere is the caller's choice."""
    if sys.stderr.isatty():
        if done < 1 and int(done * PER_CENT) == int(_drawn.get(words, -1.0) * PER_CENT):
            return
        _drawn[words] = done
        bar = "█" * int(done * 30)
        print(f"\r{words:<24} {bar:<30} {done:4.0%}", end="\n" if done >= 1 else "", file=sys.stderr, flush=True)
    elif done >= 1:
        print(f"{words}: done", file=sys.stderr)
