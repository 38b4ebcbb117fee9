"""The shell on parts in memory: a real database, fakes that behave for window, button, player; a real wire."""

import os
from pathlib import Path

from audio.client import FakePlayer
from kiosk.button.fake import FakeButton
from kiosk.screen.fake import FakeWindow
from kiosk.screen.port import Window
from kiosk.shell.ears import Installed, Listener
from kiosk.shell.panels import Panels
from kiosk.shell.parts import Parts
from kiosk.shell.people import CodeDesk
from kiosk.shell.presence import Presence
from kiosk.shell.service import Examination, ServiceDesk, Standing
from kiosk.shell.shell import Shell
from kiosk.shell.sound import SoundDesk
from kiosk.shell.speech import SpeechDesk
from kiosk.shell.store import BedsideStore
from kiosk.shell.time_kept import KnownTime
from kiosk.words import load
from mqtt_bridge.bell import Bell
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import Finding
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.seal import code_digest, code_matches
from tests.support.wire import Wire
from tests.support.words_of_care import headphones, install, plan

STAFF_PIN = "246813"


class Bedside:
    """One kiosk in one folder, with the link and the clinic of a `Wire` behind it."""

    def __init__(self, folder: Path, wire: Wire, window: Window | None = None) -> None:
        """window: a real one instead of the fake."""
        self.folder, self.wire, self.clock = folder, wire, wire.clock
        wire.bedside.close()
        self.window, self.button, self.player = FakeWindow((1280, 800)), FakeButton(), FakePlayer()
        self._shown_by = window or self.window
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self.findings = (Finding(check="disk", fine=True),)
        self.standing = Standing("box-1", "1", code_digest(STAFF_PIN), headphones().name, headphones().dba(0.0))
        self.speech = SpeechDesk(None)
        for request in plan().activity:
            install(folder / "packages", request.package.id)
        self.start()

    def start(self) -> None:
        folder = self.folder
        link = LinkReader(folder / "link.db")
        self.store = BedsideStore(folder / "bedside.db", self.wire.enrolment, link.clinic_reads)
        self.bell = Bell(folder / "kiosk.bell")
        self.codes = CodeDesk(code_matches)
        self.service = ServiceDesk(lambda: Examination(self.findings), folder / "tone.wav")
        self.presence = Presence(folder)
        self.panels = Panels(folder / "drm")
        time = KnownTime(link, self.store.floor)
        self.shell = Shell(
            Parts(
                window=self._shown_by,
                button=self.button,
                sound=SoundDesk(self.player, folder / "packages"),
                store=self.store,
                link=link,
                enrolment=self.wire.enrolment,
                words=load("fr"),
                clock=HonestClock(self.clock, time),
                time=time,
                listener=Listener(headphones(), Installed(folder / "packages")),
                codes=self.codes,
                service=self.service,
                standing=self.standing,
                bell=self.bell,
                link_bell=folder / "link.bell",
                speech=self.speech,
                presence=self.presence,
                panels=self.panels,
            )
        )
        self.shell.start()
        self.turn()

    def stop(self) -> None:
        self.codes.close()
        self.service.close()
        self.presence.close()
        self.bell.close()
        self.store.close()

    def restart(self) -> None:
        """A kill and a start: what was in memory is gone."""
        self.stop()
        self.start()

    def turn(self, turns: int = 3) -> None:
        """Let the shell take what waits, without ever waiting itself."""
        for _ in range(turns):
            os.eventfd_write(self._wake, 1)
            self.shell.step(self._wake)
            os.eventfd_read(self._wake)

    def touch(self, name: str, value: int | None = None) -> None:
        self.clock.pass_ms(400)
        self.window.touch(name, value)
        self.turn()
        if name.startswith("care:") and self.screen == "ChoiceView":
            self.touch("option:0")  # they answer by themselves
            self.touch("continue")

    def push(self) -> None:
        self.clock.pass_ms(400)
        self.button.push(self.clock.monotonic_ms)
        self.clock.pass_ms(200)
        self.turn()

    @property
    def view(self):  # type: ignore[no-untyped-def]  # noqa: ANN201  # any of the views: tests know which
        return self.window.shown[-1]

    @property
    def screen(self) -> str:
        return type(self.view).__name__

    def clinic_hears(self) -> None:
        """Everything travels, both ways, and the kiosk is rung."""
        self.clock.pass_ms(1_000)
        self.wire.pass_ms(1_000)
        from mqtt_bridge.bell import ring

        ring(self.folder / "kiosk.bell")
        self.turn()

    def prescribe(self) -> None:
        self.wire.order(1, PlanOrder(plan=plan()))
        self.wire.send_orders()
        self.wire.settle_down()
        self.clinic_hears()

    def decline_all(self) -> None:
        while self.screen == "ConeView":
            self.touch("decline")
        self.touch("continue")

    def to_playing(self) -> None:
        self.touch("care:riviere")
        self.decline_all()
        while self.screen == "TextView":
            self.touch("continue")
        self.turn()
        self.push()
        self.turn()
