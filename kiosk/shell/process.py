"""The kiosk's composition root: each part is made once, in order; stopping mirrors starting."""

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from kiosk.button.gpio import PinButton, Rehearsal
from kiosk.journey.views import NoticeView
from kiosk.screen.port import Window
from kiosk.shell.config import Config, Screen
from kiosk.shell.ears import Installed, Listener, calibration_of
from kiosk.shell.mirror import Mirror
from kiosk.shell.people import CodeDesk
from kiosk.shell.shell import Parts, Shell
from kiosk.shell.sound import SoundDesk
from kiosk.shell.speech import desk_of
from kiosk.shell.store import BedsideStore, StorageError
from kiosk.words import Words, load
from mqtt_bridge import enrolment
from mqtt_bridge.bell import Bell
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.seal import code_matches
from mqtt_bridge.stopping import Stopping
from mqtt_bridge.systemd import Systemd

TRY_AGAIN_S = 30.0
"""How long an honest error screen stays before everything is tried again (by the unit's restart)."""

log = logging.getLogger(__name__)
MakeWindow = Callable[[Screen], Window]


def run(config: Config, make_window: MakeWindow, ready: Callable[[], None]) -> int:
    """Run until told to stop. 1 when the box cannot serve: an honest screen was shown meanwhile."""
    os.umask(0o007)
    stopping = Stopping()
    with ExitStack() as stack:
        window = make_window(config.screen)
        stack.callback(window.close)
        words = load(config.language)
        try:
            shell = Shell(_make(config, window, words, stack))
            shell.start()
        except (ContractError, StorageError) as error:
            log.exception("the box cannot serve")
            _honest(window, words, "not-enrolled" if isinstance(error, ContractError) else "storage-damaged", stopping)
            return 1
        ready()
        unit = Systemd()
        unit.ready()
        while not (shell.closing or stopping.asked()):
            unit.alive()
            shell.step(stopping.fileno(), unit.turn_s_max)
        shell.finish()
    return 0


def _make(config: Config, window: Window, words: Words, stack: ExitStack) -> Parts:
    folders = config.folders
    data, run_folder = Path(folders.data), Path(folders.run)
    for folder in (data, run_folder):
        folder.mkdir(parents=True, exist_ok=True)
    enrolled = enrolment.load(Path(folders.enrolment))
    store = BedsideStore(data / "bedside.db", enrolled)
    stack.callback(store.close)
    sound = _sound_desk(config)
    stack.callback(sound.close)
    bell = Bell(run_folder / "kiosk.bell")
    stack.callback(bell.close)
    button = PinButton(config.button.factory, config.button.pin, config.button.led)
    stack.callback(button.close)
    rehearsal = _rehearsal(config, button, stack)
    codes = CodeDesk(code_matches)
    stack.callback(codes.close)
    mirror = Mirror(Path(config.screen.mirror)) if config.screen.mirror else None
    if mirror is not None:
        stack.callback(mirror.close)
    return Parts(
        window=window,
        button=button,
        sound=sound,
        store=store,
        link=LinkReader(data / "link.db"),
        enrolment=enrolled,
        words=words,
        clock=system_clock(config.clock),
        listener=_listener(config),
        codes=codes,
        bell=bell,
        link_bell=run_folder / "link.bell",
        speech=desk_of(config.voice.words, config.language, plain=config.voice.espeak),
        mirror=mirror,
        rehearsal=rehearsal,
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


def _honest(window: Window, words: Words, code: str, stopping: Stopping) -> None:
    """Say calmly that the box cannot serve, until it is tried again or told to stop."""
    notice = words.notice[code]
    window.show(NoticeView(notice.title, notice.lines, "", code), 0)
    stopping.wait(TRY_AGAIN_S)
