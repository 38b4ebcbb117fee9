"""The kiosk's composition root: each part is made once, in order; stopping mirrors starting."""

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from kiosk.button.gpio import PinButton, Rehearsal
from kiosk.button.port import ButtonError
from kiosk.journey.views import NoticeView
from kiosk.screen.port import Window
from kiosk.shell.box_file import LaidOver, lay_over
from kiosk.shell.button_lines import open_button
from kiosk.shell.config import Config, Folders, Screen
from kiosk.shell.departing import Departing, under_way
from kiosk.shell.ears import Installed, Listener, calibration_of
from kiosk.shell.farewell import Farewell
from kiosk.shell.mirror import Mirror
from kiosk.shell.panels import Panels
from kiosk.shell.partition import KeyMissingError, require
from kiosk.shell.parts import Parts
from kiosk.shell.people import CodeDesk
from kiosk.shell.presence import Presence
from kiosk.shell.service import Examination, ServiceDesk, Standing
from kiosk.shell.shell import Shell
from kiosk.shell.sound import SoundDesk
from kiosk.shell.speech import desk_of
from kiosk.shell.store import BedsideStore, FullError, StorageError
from kiosk.shell.time_kept import KnownTime
from kiosk.words import Words, load
from mqtt_bridge import enrolment
from mqtt_bridge.bell import Bell
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.report import Finding
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.seal import code_matches
from mqtt_bridge.stopping import Stopping
from mqtt_bridge.systemd import Systemd
from mqtt_bridge.version import VERSION

TRY_AGAIN_S = 30.0
"""How long an honest error screen stays before everything is tried again (by the unit's restart)."""

log = logging.getLogger(__name__)
MakeWindow = Callable[[Screen], Window]


@dataclass(frozen=True)
class _Lasting:
    """What a training does not change: the configuration, the panel, the button, the words."""

    laid: LaidOver
    window: Window
    words: Words
    button: PinButton
    codes: CodeDesk
    service: ServiceDesk
    presence: Presence
    panels: Panels | None
    mirror: Mirror | None
    rehearsal: Rehearsal | None

    @property
    def config(self) -> Config:
        return self.laid.config


KEY_NOTICES = {
    "other": "key-other",
    "unreachable": "key-unreachable",
    "not-written": "key-not-written",
    "nothing": "key-nothing",
}
"""By the reason for which the data partition's key cannot be had (data_key.REFUSED)."""


@dataclass(frozen=True)
class _Records:
    """Whose records: the box's own, or those of a training."""

    bedside_db: Path
    link_db: Path
    bells: Path
    enrolment: enrolment.Enrolment
    training: bool = False


def run(config: Config, make_window: MakeWindow, ready: Callable[[], None]) -> int:
    """Run until told to stop. 1 when the box cannot serve: an honest screen was shown meanwhile."""
    os.umask(0o007)
    laid = _laid_over(config)
    config, stopping = laid.config, Stopping()
    with ExitStack() as stack:
        window = make_window(config.screen)
        stack.callback(window.close)
        words = load(config.language)
        mirror = _mirror(config, stack)
        farewell = Farewell(config.folders, window, words.notice, mirror, stopping, ready)
        try:
            require(config.folders.partition, config.folders.data_key)
            if not farewell.is_due():
                lasting = _lasting(laid, window, words, mirror, stack)
                _serve(lasting, stopping, ready)
        except (ContractError, StorageError) as error:
            if farewell.is_due():  # the link was faster, and holds what is to be destroyed
                farewell.say()
                return 0
            if missing := _not_enrolled_yet(error, config.folders):
                log.info("waits to be enrolled: %s; tried again every %d s", missing, TRY_AGAIN_S)
            else:
                log.exception("the box cannot serve")
            _honest(window, words, _why(error), stopping)
            return 1
        except ButtonError:
            log.exception("the box cannot serve without its button")
            _honest(window, words, "button-missing", stopping)
            return 1
        farewell.say()
    return 0


def _laid_over(config: Config) -> LaidOver:
    """With the technician's file; one that is refused is told where staff and technician look."""
    laid = lay_over(config)
    if laid.state == "refused":
        log.error("the technician's file is left out: %s", laid.told)
    elif laid.state == "used":
        log.info("the technician's file is used: %s", laid.told)
    return laid


def _serve(lasting: _Lasting, stopping: Stopping, ready: Callable[[], None]) -> None:
    """The box's own shell; when staff ask for it, a training's in its place; then the box's own again."""
    unit = Systemd()

    def begun() -> None:
        ready()
        unit.ready()
        _sweep(Path(lasting.config.folders.run))

    turned = _shell(lasting, _own(lasting.config), stopping, unit, begun)
    while turned is not None and not _is_leaving(lasting.config):
        turned = _train(lasting, stopping, unit) if turned else _shell(lasting, _own(lasting.config), stopping, unit)


def _is_leaving(config: Config) -> bool:
    return under_way(Path(config.folders.data), Path(config.folders.enrolment)) is not None


def _sweep(run_folder: Path) -> None:
    """What a training left that was killed. After the first screen: its libraries cost a tenth of a start."""
    from kiosk.shell.training import sweep

    sweep(run_folder)


def _examined(laid: LaidOver) -> Examination:
    """Of the file, what this kiosk could not have is known to it alone."""
    from kiosk.shell.selftest import TOLD_MAX, filled, protocol

    found = protocol(laid.config)
    if laid.lacking:
        lacking = Finding(check="box-file", fine=False, told=laid.lacking[:TOLD_MAX])
        found = tuple(lacking if one.check == lacking.check else one for one in found)
    return Examination(found, filled(laid.config))


def _train(lasting: _Lasting, stopping: Stopping, unit: Systemd) -> bool | None:
    from kiosk.shell.training import classroom

    config, now = lasting.config, system_clock(lasting.config.clock)()
    try:
        with classroom(Path(config.folders.run), Path(config.folders.packages), config.language, now) as room:
            records = _Records(room.bedside_db, room.link_db, room.folder, room.enrolment, training=True)
            return _shell(lasting, records, stopping, unit)
    except (OSError, sqlite3.Error, StorageError) as error:
        log.error("no training: %s", error)  # noqa: TRY400
        return False


def _shell(
    lasting: _Lasting,
    records: _Records,
    stopping: Stopping,
    unit: Systemd,
    ready: Callable[[], None] = lambda: None,
) -> bool | None:
    """Run one shell to its end: True, False: the training mode begins, or ends; None: told to stop."""
    with ExitStack() as stack:
        shell = Shell(_parts(lasting, records, stack))
        shell.start()
        ready()
        while not (shell.closing or shell.turned is not None or shell.departed or stopping.asked()):
            unit.alive()
            shell.step(stopping.fileno(), unit.turn_s_max)
        shell.finish()
        return shell.turned


def _own(config: Config) -> _Records:
    folders = config.folders
    data, run_folder = Path(folders.data), Path(folders.run)
    enrolled = enrolment.load(Path(folders.enrolment))
    return _Records(data / "bedside.db", data / "link.db", run_folder, enrolled)


def _mirror(config: Config, stack: ExitStack) -> Mirror | None:
    for folder in (Path(config.folders.data), Path(config.folders.run)):
        folder.mkdir(parents=True, exist_ok=True)
    mirror = Mirror(Path(config.screen.mirror)) if config.screen.mirror else None
    if mirror is not None:
        stack.callback(mirror.close)
    return mirror


def _lasting(laid: LaidOver, window: Window, words: Words, mirror: Mirror | None, stack: ExitStack) -> _Lasting:
    button, laid = open_button(laid)
    config = laid.config
    stack.callback(button.close)
    rehearsal = _rehearsal(config, button, stack)
    codes = CodeDesk(code_matches)
    stack.callback(codes.close)
    service = ServiceDesk(lambda: _examined(laid), Path(config.folders.run) / "tone.wav")
    stack.callback(service.close)
    presence = Presence(Path(config.folders.run))
    stack.callback(presence.close)
    panels = Panels() if config.screen.driver == "kmsdrm" else None
    return _Lasting(laid, window, words, button, codes, service, presence, panels, mirror, rehearsal)


def _parts(lasting: _Lasting, records: _Records, stack: ExitStack) -> Parts:
    config, listener = lasting.config, _listener(lasting.config)
    link = LinkReader(records.link_db)
    store = BedsideStore(records.bedside_db, records.enrolment, link.clinic_reads)
    stack.callback(store.close)
    sound = _sound_desk(config)
    stack.callback(sound.close)
    bell = Bell(records.bells / "kiosk.bell")
    stack.callback(bell.close)
    heard = listener.calibration
    time = KnownTime(link, store.floor)
    return Parts(
        window=lasting.window,
        button=lasting.button,
        sound=sound,
        store=store,
        link=link,
        enrolment=records.enrolment,
        words=lasting.words,
        clock=HonestClock(system_clock(config.clock), time),
        time=time,
        listener=listener,
        codes=lasting.codes,
        service=lasting.service,
        standing=Standing(
            records.enrolment.place.box,
            VERSION,
            config.service.pin,
            heard.name,
            heard.dba(0.0),
            records.training,
            lasting.laid.state,
            lasting.laid.line,
        ),
        bell=bell,
        link_bell=records.bells / "link.bell",
        departing=Departing() if records.training else Departing(records.bedside_db.parent, records.enrolment),
        speech=desk_of(config.voice.words, config.language, plain=config.voice.espeak, leads=config.voice.eyes_closed),
        presence=lasting.presence,
        panels=lasting.panels,
        mirror=lasting.mirror,
        rehearsal=lasting.rehearsal,
    )


def _listener(config: Config) -> Listener:
    return Listener(calibration_of(config.calibration), Installed(Path(config.folders.packages)))


def _sound_desk(config: Config) -> SoundDesk:
    from audio.client import PlayerClient

    return SoundDesk(PlayerClient(Path(config.player)), Path(config.folders.packages))


def _rehearsal(config: Config, button: PinButton, stack: ExitStack) -> Rehearsal | None:
    if config.button.factory != "mock":
        return None
    path = Path(config.button.socket) if config.button.socket else None
    rehearsal = Rehearsal(button, config.button.pin, path)
    stack.callback(rehearsal.close)
    return rehearsal


def _not_enrolled_yet(error: ContractError | StorageError, folders: Folders) -> str:
    """What a box lacks that no clinic knows yet, as a technician is told; empty: something is at fault.

    A data partition that is not there has no enrolment either, and is a fault.
    """
    place = Path(folders.enrolment) / "enrolment.json"
    if isinstance(error, StorageError) or place.exists():
        return ""
    return f"no {place}, which `chevet-link enrol` makes with the clinic's code"


def _why(error: ContractError | StorageError) -> str:
    """The notice that is shown."""
    if isinstance(error, KeyMissingError):
        return KEY_NOTICES[error.reason]
    if isinstance(error, FullError):
        return "no-room"
    return "not-enrolled" if isinstance(error, ContractError) else "storage-damaged"


def _honest(window: Window, words: Words, code: str, stopping: Stopping) -> None:
    """Say calmly that the box cannot serve, until it is tried again or told to stop."""
    notice = words.notice[code]
    window.show(NoticeView(notice.title, notice.lines, "", code), 0)
    stopping.wait(TRY_AGAIN_S)
