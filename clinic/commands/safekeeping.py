"""backup, restore, safe-key and doctor: keeping a clinic, and putting it back."""

import argparse
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from clinic.clock import now_ms
from clinic.commands.common import Subparsers, ask_password, audit, command, name_home, open_home, say, start_django
from clinic.errors import ClinicError
from clinic.home import HOME_VARIABLE, Home

if TYPE_CHECKING:
    from clinic.safekeeping.envelope import Lock, Unlock
    from clinic.safekeeping.still_revoked import Kept

TO_BE_WIPED = "A box revoked since to be wiped (--wipe), and not wiped yet, is on no list: revoke it again"
NOT_REVOKED = (
    "it knows nothing of boxes that were revoked since then: they may come in again. Revoke them again before the "
    "broker is started, or put it back with --revoked FILE (the former home's broker/revoked.pem)"
)


def add(subparsers: Subparsers) -> None:
    taken = command(
        subparsers,
        "backup",
        _backup,
        "Write one encrypted file with the record, the audit trail, the keys, the authority and the settings, while "
        "ingest and the console run. It opens with a passphrase, or with the secret key of the clinic's safe.",
        "chevet-clinic backup /media/safe/2026-11-29.chevet-backup --to-key /etc/chevet/safe.public",
    )
    taken.add_argument("file", metavar="FILE", help="a new file, outside the clinic's folder")
    _add_lock(taken, "--to-key", "the public key of the clinic's safe (`safe-key`)")
    taken.add_argument("--packages", action="store_true", help="the archives of session packages too: gigabytes")
    restored = command(
        subparsers,
        "restore",
        _restore,
        "Make a clinic from a backup, in a new folder and under a new ledger id: each box sends again what is missing. "
        "A backup that is cut off or altered is refused before anything is written.",
        "chevet-clinic restore 2026-11-29.chevet-backup --home /srv/chevet-again --key safe.secret",
    )
    restored.add_argument("file", metavar="FILE")
    _add_lock(restored, "--key", "the secret key of the clinic's safe")
    restored.add_argument("--database", metavar="URL", help="an empty one, when the backup holds a PostgreSQL record")
    restored.add_argument("--audit-database", metavar="URL", help="another empty one, for the audit trail")
    restored.add_argument(
        "--revoked",
        metavar="FILE",
        help="the newest list of revoked certificates (the former home's broker/revoked.pem): who is on it stays out",
    )
    restored.add_argument("--check", action="store_true", help="only read the backup to its end, and write nothing")
    safe = command(
        subparsers,
        "safe-key",
        _safe_key,
        "Make the keys of the clinic's safe: safe.public stays here and seals backups, safe.secret goes to the safe.",
        "chevet-clinic safe-key /media/key",
    )
    examined = command(
        subparsers,
        "doctor",
        _doctor,
        "Look at everything that a clinic stands on, and say of each thing whether it is well, and what to do. "
        "Exit 0 when nothing fails, 1 otherwise.",
        "chevet-clinic doctor --json",
    )
    examined.add_argument("--json", action="store_true", help="[{about, state, told, remedy}], for a machine")
    safe.add_argument("out", metavar="DIR", help="carry safe.secret away from this machine")


def _add_lock(made: argparse.ArgumentParser, name: str, about: str) -> None:
    lock = made.add_mutually_exclusive_group()
    lock.add_argument(
        "--passphrase-file", metavar="FILE", help="its first line; - reads standard input (default: asked)"
    )
    lock.add_argument(name, dest="key", metavar="FILE", help=about)


def _backup(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from django.conf import settings

    from clinic.safekeeping.taking import take
    from mqtt_bridge.version import VERSION

    to = Path(arguments.file)
    lock = _locked(arguments)
    audit("write", f"backup to {to.name}")
    told = {"clinic": configuration.clinic, "taken_ms": now_ms(), "version": VERSION}
    taken = take(home, settings.DATABASES, told, to, lock, with_packages=arguments.packages)
    left = f"; {taken.archives} archives of packages are not in it (--packages)" if taken.archives else ""
    say(f"backup: {to}, {taken.size_bytes} bytes, {taken.files} files and both databases{left}")
    return 0


def _locked(arguments: argparse.Namespace) -> "tuple[Lock, bytes]":
    from clinic.safekeeping.envelope import by_passphrase, by_public_key
    from mqtt_bridge.seal import load_public

    if arguments.key:
        return by_public_key(load_public(Path(arguments.key)))
    return by_passphrase(ask_password(arguments.passphrase_file))


def _unlocking(arguments: argparse.Namespace) -> "Unlock":
    from clinic.safekeeping.envelope import with_passphrase, with_secret_key
    from mqtt_bridge.seal import load_secret

    if arguments.key:
        return with_secret_key(load_secret(Path(arguments.key)))
    return with_passphrase(ask_password(arguments.passphrase_file))


def _restore(arguments: argparse.Namespace) -> int:
    from clinic.safekeeping.putting_back import put_back, verify

    file, unlock = Path(arguments.file), _unlocking(arguments)
    if arguments.check:
        whole = verify(file, unlock)
        say(f"restore: {file} is whole: {_of(whole.manifest)}; nothing was written")
        return 0
    place = name_home(arguments).folder
    told: list[str] = []
    list_of_revoked = Path(arguments.revoked) if arguments.revoked else None

    def settle(home: Home, databases: dict[str, Path], kinds: dict[str, str]) -> None:
        _name_databases(home, arguments)
        told.extend(_settle(home, databases, kinds, list_of_revoked))

    whole = put_back(file, unlock, place, settle)
    ledger, revoked = told
    say(f"restore: {_of(whole.manifest)} at {place}, ledger {ledger}: start broker, ingest, console and shelf with it")
    say(f"restore: {revoked}")
    missing = sum(1 for _ in Home(place).archives.glob("*.chevet"))
    say(f"restore: {missing} archives of session packages are there; put back the others with `package add`")
    return 0


def _of(manifest: dict[str, object]) -> str:
    import datetime as dt

    taken = dt.datetime.fromtimestamp(int(str(manifest["taken_ms"])) / 1000, dt.UTC)
    return f"clinic {manifest['clinic']} as of {taken:%Y-%m-%d %H:%M} UTC"


def _settle(home: Home, databases: dict[str, Path], kinds: dict[str, str], revoked: Path | None) -> tuple[str, str]:
    """In the folder that is still being built: its databases, and a ledger of its own; what to say of who is revoked.

    revoked: a list that is newer than the backup's.
    """
    os.environ[HOME_VARIABLE] = str(home.folder)
    home.archives.mkdir(mode=0o750, parents=True, exist_ok=True)
    start_django()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from clinic.safekeeping.putting_back import begin_a_new_ledger, settle_databases
    from clinic.safekeeping.still_revoked import keep_revoked, newer_list

    newer = newer_list(home, revoked) if revoked else None  # before a database elsewhere is filled
    settle_databases(settings.DATABASES, kinds, databases)
    for alias in settings.DATABASES:  # of an older Chevet: brought to this one
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    ledger = begin_a_new_ledger()
    audit("write", f"restored from a backup, ledger {ledger}")
    told = NOT_REVOKED
    if newer is not None:
        kept = keep_revoked(home, newer)
        told = _revoked(kept)
        audit("write", f"restored: {told}")
    connections.close_all()
    return ledger, told


def _revoked(kept: "Kept") -> str:
    boxes = f"revoked here too by the newer list: {', '.join(kept.boxes)}" if kept.boxes else "no box is on it alone"
    others = f"; {kept.strangers} certificates on it are of boxes enrolled since" if kept.strangers else ""
    return f"the newer list of revoked is kept, {boxes}{others}. {TO_BE_WIPED}"


def _name_databases(home: Home, arguments: argparse.Namespace) -> None:
    for setting, url in (("database", arguments.database), ("audit_database", arguments.audit_database)):
        if url:
            text = home.configuration_file.read_text()
            line = f"{setting} = {json.dumps(url)}"
            written, found = re.subn(rf"(?m)^{setting} *=.*$", lambda _: line, text)  # noqa: B023  # used at once
            home.configuration_file.write_text(written if found else f"{line}\n{text}")


def _safe_key(arguments: argparse.Namespace) -> int:
    from mqtt_bridge import seal

    out = Path(arguments.out)
    secret, public = out / "safe.secret", out / "safe.public"
    if secret.exists() or public.exists():
        raise ClinicError(f"{out} holds a key already: another one would not open the backups of the first")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = seal.make_keys()
    seal.save_secret(keys, secret)
    seal.save_public(keys.public, public)
    say(f"safe-key: {secret} opens the backups: carry it away from this machine; {public} seals them")
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    """0 when nothing fails, 1 otherwise; a warning alone is 0."""
    home, configuration = open_home(arguments)
    from dataclasses import asdict

    from clinic.doctor import examine

    found = list(examine(home, configuration))
    if arguments.json:
        say(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            say(f"{one.state:4}  {one.about}: {one.told}" + (f"\n      → {one.remedy}" if one.remedy else ""))
    failing = sum(one.state == "fail" for one in found)
    if failing and not arguments.json:
        say(f"doctor: {failing} of {len(found)} checks fail")
    return 1 if failing else 0
