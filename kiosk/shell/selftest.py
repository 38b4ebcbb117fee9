"""What works on this box, told to staff: each finding with its cause and what to do."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from audio.hearing.calibration import UNCALIBRATED
from audio.hearing.calibration import read as read_calibration
from audio.hearing.errors import CalibrationError
from audio.voice.errors import VoiceError
from audio.voice.recordings import SpokenWords
from kiosk.journey.events import Filler
from kiosk.shell import box_file, data_key, fills, machine, orders
from kiosk.shell.config import Config
from kiosk.shell.finding import Finding
from kiosk.shell.time_kept import known_beside
from mqtt_bridge import enrolment
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract import report
from mqtt_bridge.contract.care import CarePlan, ServiceRequest
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.status import read_status

TOLD_MAX = 300
FULL = (errno.ENOSPC, errno.EDQUOT)
ROOM_BYTES_MIN = 64 * 1024 * 1024
KEY_SAID = {
    "tpm2": "the data partition opens by this machine's TPM",
    "pi-otp": "the data partition opens by this Pi's own key",
    "stand-in": "a STAND-IN known to everybody opens the data partition: a stolen card tells what it holds",
    "none": "nobody told by what the data partition was opened",
}


def selftest(config: Config) -> list[Finding]:
    """Look at everything that a session needs. Raises nothing: what fails is a finding."""
    looks = (
        _enrolled,
        _disk,
        _key,
        machine.player,
        machine.kiosk,
        _packages,
        _headphones,
        _plan,
        _voice,
        _link,
        machine.network,
        _clock,
        _box_file,
    )
    return [finding for look in looks for finding in look(config)]


def protocol(config: Config) -> tuple[report.Finding, ...]:
    """The same as a report tells it: one finding for all that was installed, packages and words."""
    found = selftest(config)
    packages = [one for one in found if one.name.startswith("package") or one.name == "voice"]
    others = [one for one in found if one not in packages]
    broken = [one for one in packages if not one.fine]
    whole = Finding("packages", not broken, "; ".join(f"{one.name}: {one.detail}" for one in broken))
    return tuple(report.Finding(check=one.name, fine=one.fine, told=one.detail[:TOLD_MAX]) for one in (*others, whole))


def _clock(config: Config) -> Iterator[Finding]:
    now = _now(config)
    said = "set by a source that is trusted" if now.trusted else "not set since the start: hours and dates are not sure"
    if now.machine_ms is not None:
        off_s = round((now.machine_ms - now.wall_ms) / 1000)
        said = f"told by the clinic: the machine's own clock is {abs(off_s)} s {'ahead' if off_s > 0 else 'behind'}"
    yield Finding("clock", now.trusted, said, "connect the network once, or look at the clock's chip")


def _box_file(config: Config) -> Iterator[Finding]:
    """The technician's file, where there is one. Read again: it is the one that the kiosk took at its start."""
    laid = box_file.lay_over(config)
    if laid.state in ("used", "refused"):
        correct = "correct it on a computer (chevet-kiosk box-file FILE looks at it): until then the box goes without"
        yield Finding("box-file", laid.state == "used", laid.told, correct)


def _now(config: Config) -> Stamp:
    data = Path(config.folders.data)
    known = known_beside(data / "bedside.db", data / "link.db")
    return HonestClock(system_clock(config.clock), lambda: known)()


def _surely_ms(config: Config) -> int:
    data = Path(config.folders.data)
    return known_beside(data / "bedside.db", data / "link.db").floor_ms(_now(config))


def _enrolled(config: Config) -> Iterator[Finding]:
    yield _tried(
        "enrolment",
        lambda: f"box {(place := _enrolment(config).place).box} of {place.clinic}",
        "enrol the box again: chevet-clinic enrol",
    )


def _disk(config: Config) -> Iterator[Finding]:
    yield _tried("disk", lambda: _write_and_sync(Path(config.folders.data)), "change the memory card")
    free = free_bytes(config)
    if free >= ROOM_BYTES_MIN:
        yield Finding("room", fine=True, detail=f"{free // 1_000_000} MB free")
        return
    taken = fills.taken(config.folders)
    said = f"{free // 1_000_000} MB free; taken: {fills.told(taken)}"
    yield Finding("room", fine=False, detail=said, remedy=fills.REMEDIES[fills.fullest(taken)])


def free_bytes(config: Config) -> int:
    """What anybody may take; 0 where there is no folder at all."""
    if not Path(config.folders.data).exists():
        return 0
    stat = os.statvfs(config.folders.data)
    return stat.f_bavail * stat.f_frsize


def filled(config: Config) -> Filler | None:
    """What takes the room of a card that has too little left; None while it has enough."""
    return fills.fullest(fills.taken(config.folders)) if free_bytes(config) < ROOM_BYTES_MIN else None


def _key(config: Config) -> Iterator[Finding]:
    """By what the data partition was opened. The check bears the kind's name: the clinic reads it. Not on a laptop."""
    if not config.folders.data_key:
        return
    told = data_key.read(config.folders.data_key)
    kind = told.kind if told is not None else data_key.NONE
    yield Finding(f"key-{kind}", kind in data_key.SECRET, KEY_SAID[kind], "docs/appliance.md, « The key »")


def _packages(config: Config) -> Iterator[Finding]:
    folder = Path(config.folders.packages)
    found = sorted(path for path in folder.glob("[!.]*") if path.is_dir())
    if not found:
        yield Finding("packages", fine=False, detail=f"none in {folder}", remedy="install one: chevet-audio render")
    for path in found:
        # The player's own check, in a process of its own: decoding needs memory that the kiosk must not keep.
        command = [sys.executable, "-m", "audio.cli", "check", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        detail = (done.stdout or done.stderr).strip().splitlines()
        yield Finding(f"package {path.name}", done.returncode == 0, detail[-1] if detail else "", "install it again")


def _headphones(config: Config) -> Iterator[Finding]:
    """Whether the level in dBA is measured or reckoned on the safe side."""
    measure = "measure the headphones (docs/etalonnage.md) and name the file in kiosk.toml: until then it plays softly"
    if not config.calibration:
        yield Finding("headphones", fine=False, detail=UNCALIBRATED, remedy=measure)
        return
    try:
        found = read_calibration(Path(config.calibration))
    except CalibrationError as error:
        yield Finding("headphones", fine=False, detail=f"{UNCALIBRATED}: {error}", remedy=measure)
        return
    said = (
        f"{found.model}: {found.reference_dba:g} dBA for {found.reference_lufs:g} LUFS at gain 0, card at "
        f"{found.card_level_percent} %, ± {found.uncertainty_db:g} dB, {found.measured_on}, {found.measured_by}"
    )
    detail = said if found.measured else f"{UNCALIBRATED}: {config.calibration} is the example, nobody measured it"
    yield Finding("headphones", found.measured, detail, measure)


def _plan(config: Config) -> Iterator[Finding]:
    try:
        enrolled = _enrolment(config)
    except ContractError:
        return
    link = LinkReader(Path(config.folders.data) / "link.db")
    plan = orders.plan_in_force(link, enrolled, _now(config), _surely_ms(config))
    detail = plan.why or (f"{plan.plan.id} version {plan.plan.version}" if plan.plan else "")
    yield Finding("plan", not plan.problem, detail, "ask the clinic to sign the plan again")


def _voice(config: Config) -> Iterator[Finding]:
    """Whether the box can say its words, and how many of the plan's own. Where nobody asks for it, it is not told."""
    plan = _plan_of(config)
    if not config.voice.words and not (plan and plan.eyes_closed):
        return
    record = "record them: chevet-audio speak --all FOLDER --more PLAN, and name the folder in kiosk.toml"
    try:
        words = SpokenWords(Path(config.voice.words))
    except VoiceError as error:
        yield Finding("voice", fine=False, detail=str(error), remedy=record)
        return
    own = [text for request in plan.activity for text in spoken_of(request)] if plan else []
    lacking = sum(words.find(text) is None for text in own)
    by_plain = lacking and config.voice.espeak
    told = f"{len(words.index.recordings)} recordings; {lacking} of the plan's {len(own)} sentences have none"
    yield Finding(
        "voice", not lacking or bool(by_plain), told + (": the plain voice says them" if by_plain else ""), record
    )


def _plan_of(config: Config) -> CarePlan | None:
    try:
        enrolled = _enrolment(config)
    except ContractError:
        return None
    link = LinkReader(Path(config.folders.data) / "link.db")
    return orders.plan_in_force(link, enrolled, _now(config), _surely_ms(config)).plan


def spoken_of(request: ServiceRequest) -> tuple[str, ...]:
    """What the box says of a care that is the plan's own words."""
    return (request.title, *request.explanation, *request.advice)


def _link(config: Config) -> Iterator[Finding]:
    data = Path(config.folders.data)
    status = read_status(data / "bedside.db", data / "link.db")
    known = status.ledger is not None
    yield Finding("link", known, f"{status.pending} report(s) waiting", "look at the network: chevet-link status")


def _tried(name: str, look: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(name, fine=True, detail=look())
    except (ContractError, OSError) as error:
        return Finding(name, fine=False, detail=str(error), remedy=remedy)


def _enrolment(config: Config) -> enrolment.Enrolment:
    return enrolment.load(Path(config.folders.enrolment))


def _write_and_sync(folder: Path) -> str:
    """A card that is full is no spoilt one, which is all that is asked here: `room` tells of it. Raises OSError."""
    path = folder / "selftest"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660)
        try:
            os.write(descriptor, b"x" * 4096)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            path.unlink()
    except OSError as error:
        if error.errno not in FULL:
            raise
        return f"{folder} is full: nothing could be written to try it"
    return f"{folder} takes writes and keeps them"
