"""What the clinic, our own database and the box itself tell the journey: read, compared, made events."""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from kiosk.journey import events, people
from kiosk.journey.state import Journey
from kiosk.shell import orders
from kiosk.shell.correspondence import Correspondence
from kiosk.shell.letters import Post
from kiosk.shell.parts import Parts
from kiosk.shell.service import box_of
from kiosk.shell.standings import Standings
from kiosk.shell.store import StorageError
from mqtt_bridge.contract.stamp import Stamp

log = logging.getLogger(__name__)


@contextmanager
def told_in_the_log() -> Iterator[None]:
    """What our own database refuses now is tried again at the next look; it hides nothing of what others say."""
    try:
        yield
    except StorageError as error:
        log.error("our own database cannot be used, and will be tried again: %s", error)  # noqa: TRY400


class Telling:
    """Puts into the shell's queue only what the journey does not know yet."""

    def __init__(self, parts: Parts, queue: deque[events.Event | events.SpeechEnded]) -> None:
        self._parts, self._queue = parts, queue
        self._receipts = orders.Receipts(parts.link, parts.enrolment)
        self._post = Post(parts.link, parts.enrolment, parts.store.take_standing)
        self._correspondence = Correspondence(parts.store, parts.link, self._post, self._receipts)
        self._known_ms = 0
        """What is surely past."""

    def look(self, journey: Journey, now: Stamp) -> None:
        """Everything that may have changed since the last look. What our own database refuses is tried again."""
        self._parts.departing.look()
        with told_in_the_log():
            self._time(now)
        now = self._parts.clock()  # the clinic may just have said what time it is
        self.plan(journey, now)  # even where the card takes nothing more: the box may be another person's now
        with told_in_the_log():
            self.standings(journey, now)
        self.person(journey, now)
        with told_in_the_log():
            self.box(journey, now)
        with told_in_the_log():
            self._parts.store.keep_time(now)
        with told_in_the_log():
            self._parts.store.tell_player(here=self._parts.sound.connected)

    def box(self, journey: Journey, now: Stamp) -> None:
        """What the box knows of itself."""
        parts = self._parts
        kept, here = parts.store.waiting(), parts.sound.connected
        box = box_of(parts.standing, now, parts.link.answered(), kept, parts.store.free_bytes(), player=here)
        if box != journey.box:
            self._queue.append(events.BoxTold(now, box))

    def person(self, journey: Journey, now: Stamp) -> None:
        """What the journey knows of the person in front of the box: it forgets it when they go."""
        self._receipts.look()
        asked, had = (self.record, self.forms), (self.ears, self.past)
        for tell in (*asked, *had, self.help, self.letters):
            with told_in_the_log():
                tell(journey, now)

    def letters(self, journey: Journey, now: Stamp) -> None:
        patient = people.in_front(journey)
        letters = self._correspondence.of(patient, now) if patient is not None else None
        if letters is not None and letters != journey.letters:
            self._queue.append(events.LettersTold(now, letters))

    def standings(self, journey: Journey, now: Stamp) -> None:
        self._post.look()
        standings = self._parts.store.standings(self._post.newest_serial)
        if self._parts.departing.kind in ("return", "revoked"):
            standings = self._leaving(journey, standings)
        if standings != journey.standings:
            self._queue.append(events.StandingsTold(now, standings))

    def _leaving(self, journey: Journey, standings: Standings) -> Standings:
        """Asked back, or linked no more: nobody has access here any more, so what was begun is kept as stopped."""
        known = {name for name, state in standings if state != "active"}
        people_here = (one.plan.patient.id for one in journey.plans)
        return (*standings, *((name, "access-withdrawn") for name in people_here if name not in known))

    def plan(self, journey: Journey, now: Stamp) -> None:
        found = orders.plan_in_force(self._parts.link, self._parts.enrolment, now, self._known_ms)
        stopped = found.plan is None and found.problem != journey.problem
        if stopped or found.residents != journey.plans:
            log.info("plan: %s", found.why or "in force")
            self._queue.append(events.PlanChanged(now, found.plan, found.problem, found.others))

    def ears(self, journey: Journey, now: Stamp) -> None:
        """Of the person of the plan that was read last: the journey may not have taken it yet."""
        queued = [event for event in self._queue if isinstance(event, events.PlanChanged)]
        plan = people.with_plans(journey, queued[-1]).plan if queued else journey.plan
        if plan is None:
            return
        ears = self._parts.listener.ears(plan, self._parts.store.heard(plan.patient.id, now))
        if ears != journey.ears:
            self._queue.append(events.EarsTold(now, ears))

    def past(self, journey: Journey, now: Stamp) -> None:
        patient = people.in_front(journey)
        past = self._parts.store.past(patient, now) if patient is not None else None
        if past is not None and past != journey.past:
            self._queue.append(events.PastTold(now, past))

    def forms(self, journey: Journey, now: Stamp) -> None:
        patient = people.in_front(journey)
        forms = self._parts.store.forms(patient, now) if patient is not None else None
        if forms is not None and forms != journey.forms:
            self._queue.append(events.FormsTold(now, forms))

    def help(self, journey: Journey, now: Stamp) -> None:
        """Where the last request for a carer is: on the wire as every report, and read by whom."""
        parts, known = self._parts, journey.help
        kept = parts.store.last_help(people.in_front(journey), now)
        if kept is None:
            return
        truth = parts.link.truth(*kept.report)
        reader = self._receipts.reader_of({kept.report}) if truth != "pending" else ""
        told = events.HelpRequest(kept.help, kept.patient, kept.asked_ms, truth, reader)
        if known is None or told != replace(known, read_ms=None):
            self._queue.append(events.HelpTold(now, told))

    def _time(self, now: Stamp) -> None:
        """What the clinic has, and what it has said of the time: both are told in its acknowledgements."""
        parts = self._parts
        known = parts.time.look(parts.store.floor)
        told_ms = max((self._landed(epoch) for epoch in parts.store.epochs()), default=0)
        self._known_ms = max(known.floor_ms(now), told_ms)
        parts.store.keep_floor(known, now)

    def _landed(self, epoch: str) -> int:
        """Note what the clinic has of an epoch; the clinic's own time when it said so, 0 when it never did."""
        ack = self._parts.link.ack(epoch)
        if ack is None:
            return 0
        with told_in_the_log():
            self._parts.store.landed(ack)
        return ack.server_ms

    def record(self, journey: Journey, now: Stamp) -> None:
        parts, plan = self._parts, journey.plan
        session = parts.store.last_session(plan.patient.id) if plan else None
        if plan is None or session is None:
            return
        reports = set(parts.store.reports_of(session))
        truths = {parts.link.truth(epoch, seq) for epoch, seq in reports}
        truth: events.Truth = "pending" if "pending" in truths else "held" if "held" in truths else "in_record"
        reader = self._receipts.reader_of(reports) if truth == "in_record" and reports else ""
        record = journey.record
        if record is None or (record.session, record.truth, record.reader) != (session, truth, reader):
            self._queue.append(events.RecordTold(now, plan.patient.id, session, truth, reader))
