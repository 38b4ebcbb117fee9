"""The commands of chevet-audio that handle packages."""

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec

from audio.package.checking import check as check_folder
from audio.package.reading import Package

Progress = Callable[[str, float], None]
Run = Callable[[argparse.Namespace, Progress], int]


def check(options: argparse.Namespace, progress: Progress) -> int:
    """Verify each part; with --listen every frame and the loudness; with --clinic-key who answers for it."""
    from audio.package.copying import as_folder
    from audio.package.listening import listen

    with as_folder(options.package, progress) as folder:
        package = check_folder(folder)
        state = ["whole"]
        if options.listen:
            listen(package, progress)
            state.append("as loud as it says")
        if options.clinic_key:
            state.append(f"signed by {_verified(folder, options.clinic_key)}")
        _show(options, package, ", ".join(state))
    return 0


def info(options: argparse.Namespace, _progress: Progress) -> int:
    """Tell what a package says of itself; nothing is verified."""
    from audio.package.reading import read

    package = read(options.package) if options.package.is_dir() else _in_archive(options.package)
    _show(options, package, "not verified here: chevet-audio check")
    return 0


def list_folder(options: argparse.Namespace, _progress: Progress) -> int:
    """Tell which packages a folder holds."""
    from audio.package.shelf import entries
    from audio.package.telling import listed

    found = list(entries(options.folder))
    _print(options, {"packages": msgspec.to_builtins(found)}, listed(found))
    return 0


def sign(options: argparse.Namespace, progress: Progress) -> int:
    """Listen to the whole package and sign it."""
    from audio.package.signing import sign_package

    package = sign_package(options.package, options.key, options.clinic, _today(), options.expires, progress)
    _told(options, package, "signed", clinic=options.clinic)
    return 0


def pack(options: argparse.Namespace, progress: Progress) -> int:
    """Write the archive form."""
    from audio.package.packing import pack as write

    _told(options, write(options.package, options.file, progress), "packed", path=str(options.file))
    return 0


def install(options: argparse.Namespace, progress: Progress) -> int:
    """Verify and take in a package."""
    from audio.package.installing import install as take_in

    key = None if options.unsigned else options.clinic_key
    room_left_bytes = options.room_left_mb << 20
    done = take_in(
        options.package, options.into, key, today=_today(), progress=progress, room_left_bytes=room_left_bytes
    )
    _told(options, done.package, done.outcome, clinic=done.clinic, path=str(done.package.path))
    return 0


def remove(options: argparse.Namespace, _progress: Progress) -> int:
    """Take a package out of a folder."""
    from audio.package.installing import remove as take_out

    take_out(options.id, options.folder)
    _print(options, {"outcome": "removed", "id": options.id}, f"{options.id}: removed")
    return 0


INSTALL_EXAMPLE = "install calme.chevet --into packages --clinic-key enrolment/clinic.public"
# name, what it does, words of its help, an example
COMMANDS: tuple[tuple[str, Run, str, str], ...] = (
    ("check", check, "Verify every part of a package.", "check var/packages/demo"),
    ("info", info, "Show what a package says of itself.", "info packages/demo --json"),
    ("list", list_folder, "Name the packages of a folder.", "list /var/lib/chevet/packages"),
    ("sign", sign, "Listen to a package, and sign it.", "sign calme --key keys/clinic.secret --clinic evreux"),
    ("pack", pack, "Write a package as one file.", "pack calme calme.chevet"),
    ("install", install, "Verify a package and take it in, whole or not at all.", INSTALL_EXAMPLE),
    ("remove", remove, "Remove a package that nobody uses.", "remove calme --from packages"),
)


def add_arguments(name: str, command: argparse.ArgumentParser) -> None:
    """Give the command of that name its words."""
    if name in ("check", "info", "install"):
        command.add_argument("package", type=Path, help="the package's folder, or its archive (.chevet)")
    elif name in ("sign", "pack"):
        command.add_argument("package", type=Path, help="the package's folder")
    _own_arguments(name, command)
    command.add_argument("--json", action="store_true", help="one JSON object, for a machine")


def _own_arguments(name: str, command: argparse.ArgumentParser) -> None:
    match name:
        case "check":
            command.add_argument("--listen", action="store_true", help="decode every frame, and measure the loudness")
            command.add_argument("--clinic-key", type=Path, help="clinic.public, of a box's enrolment")
        case "list":
            command.add_argument("folder", type=Path)
        case "sign":
            command.add_argument("--key", type=Path, required=True, help="clinic.secret, in the clinic's keys")
            command.add_argument("--clinic", required=True, help="the clinic's id, as in clinic.toml")
            command.add_argument("--expires", type=_date, help="the last day to install it, such as 2027-12-31")
        case "pack":
            command.add_argument("file", type=Path, help="the archive to write, such as calme.chevet")
        case "install":
            _install_arguments(command)
        case "remove":
            command.add_argument("id")
            command.add_argument("--from", dest="folder", type=Path, required=True, help="the folder of packages")


def _install_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--into", type=Path, required=True, help="the folder of packages")
    answer = command.add_mutually_exclusive_group(required=True)
    answer.add_argument("--clinic-key", type=Path, help="clinic.public, of the box's enrolment")
    answer.add_argument("--unsigned", action="store_true", help="take one that nobody answers for")
    command.add_argument("--room-left-mb", type=int, default=64, help="what must stay free (default 64)")


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def _verified(folder: Path, key: Path) -> str:
    from audio.package.reading import manifest_bytes
    from audio.package.signature import signature_bytes, verify

    return verify(manifest_bytes(folder), signature_bytes(folder), key, _today()).clinic


def _in_archive(path: Path) -> Package:
    from audio.package.sources import Source

    with Source(path) as source:
        return Package(path, source.manifest, source.fingerprint)


def _show(options: argparse.Namespace, package: Package, state: str) -> None:
    from audio.package.shelf import clinic_of, size_bytes
    from audio.package.telling import described

    size, clinic = size_bytes(package.path), clinic_of(package.path)
    fields = {**msgspec.to_builtins(package.manifest), "fingerprint": package.fingerprint, "state": state}
    fields |= {"size_bytes": size, "clinic": clinic}
    _print(options, fields, f"{described(package, size, clinic)}\n{state}")


def _told(options: argparse.Namespace, package: Package, outcome: str, **more: str | None) -> None:
    manifest = package.manifest
    fields = {"outcome": outcome, "id": manifest.id, "version": manifest.version, "title": manifest.title}
    done = [] if outcome == "signed" else [outcome]
    done += [f"signed by {more['clinic']}"] if more.get("clinic") else []
    text = f"{manifest.id} {manifest.version}: {', '.join(done)}"
    _print(options, {**fields, "fingerprint": package.fingerprint, **more}, text)


def _print(options: argparse.Namespace, fields: object, text: str) -> None:
    print(msgspec.json.encode(fields).decode() if options.json else text)
