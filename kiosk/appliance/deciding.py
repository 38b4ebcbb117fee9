"""What the updater does next: a table of decisions. It starts nothing; what is so was looked at before."""

from dataclasses import dataclass

from mqtt_bridge.update_told import STICK, UpdateTold, is_newer

TRIAL = "trial"
"""This start is being judged: nothing else is begun, and nothing said over it."""


@dataclass(frozen=True)
class Bundle:
    """An update that waits. error: why RAUC does not take it (another clinic's, damaged); then it has no version."""

    archive: str
    version: str = ""
    error: str = ""

    @property
    def attended(self) -> bool:
        return self.archive == STICK


@dataclass(frozen=True)
class Situation:
    """boot: this start of the machine; running: the version that runs; unquiet: why nothing may begin now."""

    boot: str
    running: str
    unquiet: str
    bundle: Bundle | None
    told: UpdateTold | None


@dataclass(frozen=True)
class Rest:
    """Nothing waits."""


@dataclass(frozen=True)
class Wait:
    reason: str


@dataclass(frozen=True)
class Refuse:
    reason: str
    words: str


@dataclass(frozen=True)
class Install:
    bundle: Bundle


@dataclass(frozen=True)
class Restart:
    """It is written: the next start is its trial."""


Step = Rest | Wait | Refuse | Install | Restart


def next_step(now: Situation) -> Step:
    """Written in this start of the machine: only the restart is left. On trial: nothing. Else what waits."""
    told = now.told
    if told is not None and told.state == "written" and told.boot == now.boot:
        return Wait(now.unquiet) if now.unquiet else Restart()
    if told is not None and told.state in ("writing", "written") and told.version == now.running:
        return Wait(TRIAL)
    if now.bundle is None:
        return Rest()
    refused = _refused(now.bundle, now.running, told)
    if refused is not None:
        return refused
    return Wait(now.unquiet) if now.unquiet else Install(now.bundle)


def _refused(bundle: Bundle, running: str, told: UpdateTold | None) -> Refuse | None:
    if bundle.error:
        return Refuse("not-valid", bundle.error)
    if bundle.version == running:
        return Refuse("already-there", f"version {running} runs already")
    if not is_newer(bundle.version, running):
        return Refuse("not-newer", f"version {bundle.version} is not newer than {running}, which runs")
    if told is not None and told.state == "returned" and told.version == bundle.version and not bundle.attended:
        return Refuse("returned-before", f"version {bundle.version} was tried, and the box came back from it")
    return None
