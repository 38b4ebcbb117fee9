"""The updater: carries out what `deciding` says, until nothing waits any more. It writes no slot: RAUC does."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.appliance.deciding import TRIAL, Bundle, Install, Refuse, Rest, Restart, Situation, Step, Wait, next_step
from kiosk.appliance.rauc import Rauc, RaucAwayError, RaucError
from mqtt_bridge.update_told import SUFFIX, UpdateTold, bundle_of, read, sync_folder, tell

log = logging.getLogger(__name__)
LOOK_S = 60.0


@dataclass(frozen=True)
class Ports:
    """unquiet: why nothing may begin now, given whether a technician is there. linked: to the clinic, now.

    panel: one is connected, now. well: what the machine answers well, now (seconds: its card is opened for it).
    restart: asks that the machine be started again.
    """

    rauc: Rauc
    unquiet: Callable[[bool], str]
    linked: Callable[[], bool]
    panel: Callable[[], bool]
    well: Callable[[], tuple[str, ...]]
    restart: Callable[[], None]


class Updater:
    """One folder of updates; `turn` until it returns None."""

    def __init__(self, folder: Path, running: str, boot: str, ports: Ports) -> None:
        self._folder, self._running, self._boot, self._ports = folder, running, boot, ports
        self._looked: dict[tuple[str, int], Bundle] = {}
        self._well: tuple[str, ...] = ()

    def turn(self) -> float | None:
        """One step; return the seconds until the next. None: nothing is left to do. Raises OSError."""
        try:
            return self._turn()
        except RaucAwayError as error:
            log.warning("RAUC could not be asked: %s", error)
            return LOOK_S

    def _turn(self) -> float | None:
        found, told = self._bundle(), read(self._folder)
        attended = found.attended if found else bool(told and told.archive == "stick")
        unquiet = self._ports.unquiet(attended)
        return self._carry_out(next_step(Situation(self._boot, self._running, unquiet, found, told)), found, told)

    def _carry_out(self, step: Step, bundle: Bundle | None, told: UpdateTold | None) -> float | None:
        match step:
            case Rest():
                return None
            case Wait(reason):
                if (
                    reason != TRIAL
                    and bundle is not None
                    and (told is None or told.archive != bundle.archive or told.reason != reason)
                ):
                    self._tell(bundle, "waiting", reason)
                return LOOK_S
            case Refuse(reason, words):
                if bundle is not None:
                    self._refuse(bundle, reason, words)
                return 0.0
            case Install(one):
                self._install(one)
                return 0.0
            case Restart():
                log.info("the box is started again, into the update")
                self._ports.restart()
                return None

    def _bundle(self) -> Bundle | None:
        """The one that came last; what RAUC said of it is asked once."""
        files = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
        if not files:
            return None
        file = files[-1]
        seen = (file.stem, file.stat().st_mtime_ns)
        if seen not in self._looked:
            self._looked[seen] = self._inspected(file)
        return self._looked[seen]

    def _inspected(self, file: Path) -> Bundle:
        try:
            return Bundle(file.stem, version=self._ports.rauc.version(file))
        except RaucError as error:
            return Bundle(file.stem, error=str(error))

    def _install(self, bundle: Bundle) -> None:
        file = bundle_of(self._folder, bundle.archive)
        self._well = self._ports.well()  # before it is written: nobody is cared for now, and may be when it is
        self._tell(bundle, "writing")
        try:
            self._ports.rauc.install(file)
        except RaucError as error:
            self._refuse(bundle, "not-written", str(error))
            return
        self._tell(bundle, "written")
        self._discard(bundle)

    def _refuse(self, bundle: Bundle, reason: str, words: str) -> None:
        self._tell(bundle, "refused", reason, words)
        self._discard(bundle)

    def _tell(self, bundle: Bundle, state: str, reason: str = "", words: str = "") -> None:
        log.info("update %s %s: %s %s %s", bundle.archive[:16], bundle.version, state, reason, words)
        told = UpdateTold(
            archive=bundle.archive,
            state=state,  # type: ignore[arg-type]
            version=bundle.version,
            former=self._running,
            boot=self._boot,
            linked=self._ports.linked(),
            dark=not self._ports.panel(),
            well=self._well if state in ("writing", "written") else (),
            reason=reason,
            words=words,
        )
        tell(self._folder, told)

    def _discard(self, bundle: Bundle) -> None:
        bundle_of(self._folder, bundle.archive).unlink(missing_ok=True)
        sync_folder(self._folder)
