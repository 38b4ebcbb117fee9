"""Stands in the kiosk's place and writes reports, one at a time, on an idle house. Run by the bench; it prints JSON.

Everything but the screen and the finger is the kiosk's own: its store, its shell's loop, its bell, its reading of
link.db. The shell is given the order to write that the last touch of a journey gives it.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from audio.client import FakePlayer
from kiosk.button.fake import FakeButton
from kiosk.journey.effects import Write
from kiosk.journey.views import HomeView
from kiosk.screen.fake import FakeWindow
from kiosk.shell.config import read
from kiosk.shell.ears import Installed, Listener, calibration_of
from kiosk.shell.parts import Parts
from kiosk.shell.people import CodeDesk
from kiosk.shell.service import Examination, ServiceDesk, Standing
from kiosk.shell.shell import Shell
from kiosk.shell.sound import SoundDesk
from kiosk.shell.store import BedsideStore
from kiosk.shell.time_kept import KnownTime
from kiosk.words import load
from mqtt_bridge import enrolment
from mqtt_bridge.bell import Bell
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.care import CarePlan, PlanReference
from mqtt_bridge.contract.forms import QuestionnaireResponse, Reference, answered
from mqtt_bridge.contract.report import Evaluation, subject_of
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.seal import code_matches

RECORD_S_MAX = 40.0


class TimedStore(BedsideStore):
    """Notes when a write was on the disk."""

    written_ns = 0

    def write(self, order: Write) -> None:
        super().write(order)
        self.written_ns = time.monotonic_ns()


class TimedBell(Bell):
    """Notes when the link first rang: it has the clinic's acknowledgement in link.db then."""

    rung_ns = 0

    def silence(self) -> None:
        self.rung_ns = self.rung_ns or time.monotonic_ns()
        super().silence()


class Reporter:
    def __init__(self, config_file: Path, stack: ExitStack) -> None:
        config = read(config_file)
        data, run = Path(config.folders.data), Path(config.folders.run)
        enrolled = enrolment.load(Path(config.folders.enrolment))
        self._link = LinkReader(data / "link.db")
        self._store = TimedStore(data / "bedside.db", enrolled, self._link.clinic_reads)
        stack.callback(self._store.close)
        self._bell = TimedBell(run / "kiosk.bell")
        stack.callback(self._bell.close)
        self._probe = os.open(data / "probe", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stack.callback(os.close, self._probe)
        self._window = FakeWindow()
        self._clock, self._wake = system_clock(config.clock), os.eventfd(0, os.EFD_NONBLOCK)
        self._codes, ears = CodeDesk(code_matches), calibration_of(config.calibration)
        stack.callback(self._codes.close)
        self._service = ServiceDesk(lambda: Examination(()), data / "tone.wav")
        stack.callback(self._service.close)
        self._shell = Shell(
            Parts(
                window=self._window,
                button=FakeButton(),
                sound=SoundDesk(FakePlayer(), Path(config.folders.packages)),
                store=self._store,
                time=KnownTime(self._link, self._store.floor),
                link=self._link,
                enrolment=enrolled,
                words=load(config.language),
                clock=self._clock,
                listener=Listener(ears, Installed(Path(config.folders.packages))),
                codes=self._codes,
                service=self._service,
                standing=Standing(enrolled.place.box, "bench", "", ears.name, ears.dba(0.0)),
                bell=self._bell,
                link_bell=run / "link.bell",
            )
        )
        self._shell.start()
        if self._shell._journey.plan is None:
            raise RuntimeError("there is no plan in link.db: nothing can be reported")
        self._plan: CarePlan = self._shell._journey.plan

    def sync(self) -> float:
        """Milliseconds of one small append and fsync beside the databases: what the disk asks of anybody just then."""
        began_ns = time.monotonic_ns()
        os.write(self._probe, b"." * 4096)
        os.fsync(self._probe)
        return (time.monotonic_ns() - began_ns) / 1e6

    def idle(self, seconds: float) -> None:
        """Everything falls asleep; then the shell takes what may have come meanwhile."""
        time.sleep(seconds)
        os.eventfd_write(self._wake, 1)
        self._shell.step(self._wake)
        os.eventfd_read(self._wake)

    def report(self, number: int) -> dict[str, float]:
        """Write one report and wait until the view says that it is in the record; milliseconds of each stage."""
        self._window.shown[:] = self._window.shown[-1:]
        order = self._order(number, self._clock())
        self._bell.rung_ns = 0
        began_ns = time.monotonic_ns()
        wall_less_monotonic_ns = time.time_ns() - began_ns
        self._shell._carry(order)
        self._shell._take_all()
        while not self._in_record(order):
            if time.monotonic_ns() - began_ns > RECORD_S_MAX * 1e9:
                raise RuntimeError(f"report {number} was not in the record within {RECORD_S_MAX} s")
            self._shell.step(self._wake)
        ended_ns = time.monotonic_ns()
        ack = self._link.ack(self._store.epoch)
        heard_ns = (ack.server_ms * 1_000_000 if ack else 0) - wall_less_monotonic_ns
        # Seen once in 300: it looked by itself just before it was rung, and the bell was never silenced.
        rung_ns = self._bell.rung_ns or ended_ns
        moments = (began_ns, self._store.written_ns, heard_ns, rung_ns, ended_ns)
        names = ("kiosk_commits", "to_the_clinic", "clinic_keeps_and_answers", "kiosk_reads")
        stages = {name: (moments[n + 1] - moments[n]) / 1e6 for n, name in enumerate(names)}
        return {"whole": (ended_ns - began_ns) / 1e6, **stages}

    def _in_record(self, order: Write) -> bool:
        """Whether the screen says it, and of this very session."""
        view, record = self._window.shown[-1], self._shell._journey.record
        ours = record is not None and record.session == subject_of(order.reports[0])
        return ours and isinstance(view, HomeView) and view.in_record

    def _order(self, number: int, at: Stamp) -> Write:
        plan, request = self._plan, self._plan.activity[0]
        form, patient = plan.questionnaire(request.questionnaire), Reference(reference=f"Patient/{plan.patient.id}")
        items = [answered(i.link_id, 4 if i.type == "integer" else "la mer") for i in form.item if i.type != "display"]
        response = QuestionnaireResponse(
            questionnaire=form.canonical, status="completed", subject=patient, source=patient, item=tuple(items)
        )
        evaluation = Evaluation(
            session=f"{self._store.epoch}.{number}", request=request.id, moment="after", response=response, asked=at
        )
        reference = PlanReference(patient=plan.patient.id, plan=plan.id, version=plan.version)
        return Write(at, (evaluation,), reference, None)


def reports(config_file: Path, count: int) -> Iterator[dict[str, float]]:
    """Between two reports a person does something else: everything is asleep again."""
    pauses = random.Random(count)  # noqa: S311 - so that no two timers march in step
    with ExitStack() as stack:
        reporter = Reporter(config_file, stack)
        reporter.idle(0.5)
        for number in range(1, count + 1):
            yield {**reporter.report(number), "sync": reporter.sync()}
            reporter.idle(pauses.uniform(0.08, 0.16))


if __name__ == "__main__":
    for told in reports(Path(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(told), flush=True)
