"""What hostile bytes are thrown at, and what must hold whatever they are; hypothesis and atheris both use it."""

import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from audio.errors import AudioError
from audio.package import check, read
from audio.package.installing import install
from audio.package.packing import pack
from audio.package.reading import parse
from audio.package.signature import read_signature
from audio.package.sources import Source
from audio.recording.draft import EXAMPLE, read_draft
from audio.sound_file import SoundReader
from tests.audio.package.signed import TODAY, make_keys, make_signed, quiet
from tests.support.paced.package import make_package, write_manifest

BLOCK_FRAMES = 48_000


class Grounds:
    """A folder to throw things into, and one whole example of each thing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = make_package(folder / "example", seconds=0.02, part_count=2)
        told = msgspec.structs.replace(read(package).manifest, loudness_lufs=-70.0)  # too short for BS.1770's blocks
        write_manifest(package, told)
        pack(package, folder / "example.chevet", quiet)
        keys = make_keys(folder)
        signed = make_signed(folder / "signed", keys)
        self.examples: dict[str, bytes] = {
            "manifest": (package / "manifest.toml").read_bytes(),
            "archive": (folder / "example.chevet").read_bytes(),
            "install": (folder / "example.chevet").read_bytes(),
            "signature": (signed / "manifest.sig").read_bytes(),
            "sound": (package / "part0.flac").read_bytes(),
            "draft": EXAMPLE.encode(),
        }
        self._throw: dict[str, Callable[[bytes], None]] = {
            "manifest": self._manifest,
            "archive": self._archive,
            "install": self._install,
            "signature": self._signature,
            "sound": self._sound,
            "draft": self._draft,
        }

    def throw(self, target: str, raw: bytes) -> None:
        """Give `raw` to a reader: it reads it, or refuses it with a sentence. Anything else raises."""
        with contextlib.suppress(AudioError):
            self._throw[target](raw)

    def _manifest(self, raw: bytes) -> None:
        manifest = parse(raw, Path("thrown"))
        assert manifest.id == Path(manifest.id).name
        assert all(part.file == Path(part.file).name for part in manifest.parts)
        assert not {"\x1b", "\n", "\u202e"} & set(manifest.title)

    def _archive(self, raw: bytes) -> None:
        with Source(self._written(raw)) as source:
            assert source.part_bytes() <= len(raw)
            for part in source.manifest.parts:
                source.copy(part, _Nowhere(), lambda _: None)  # type: ignore[arg-type]

    def _install(self, raw: bytes) -> None:
        """Whole, or nothing is there."""
        into = self.folder / "packages"
        shutil.rmtree(into, ignore_errors=True)
        try:
            done = install(self._written(raw), into, None, today=TODAY, progress=quiet, room_left_bytes=0)
        except AudioError:
            assert not into.exists() or not list(into.iterdir())
            raise
        assert check(into / done.package.manifest.id).fingerprint == done.package.fingerprint

    def _signature(self, raw: bytes) -> None:
        signed = read_signature(raw)
        assert isinstance(signed.signed_on, dt.date)

    def _sound(self, raw: bytes) -> None:
        with SoundReader(self._written(raw)) as sound:
            while 0 < sound.channels <= 8 and sound.read(BLOCK_FRAMES):
                pass

    def _draft(self, raw: bytes) -> None:
        read_draft(self._written(raw))

    def _written(self, raw: bytes) -> Path:
        file = self.folder / "thrown"
        file.write_bytes(raw)
        return file


class _Nowhere:
    def write(self, block: bytes) -> int:
        return len(block)


@contextlib.contextmanager
def grounds() -> Iterator[Grounds]:
    """In memory where there is such a folder: a campaign writes millions of small files."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="chevet-fuzz-", dir=shm if shm.is_dir() else None) as folder:
        yield Grounds(Path(folder))


TARGETS = ("manifest", "archive", "install", "signature", "sound", "draft")
