"""A walker whose box remembers: its past and its requests for help, in the real tables, told as the shell does."""

import sqlite3

from kiosk.journey.effects import Effect, Write
from kiosk.journey.events import Event, HelpRequest, HelpTold, PastTold
from kiosk.journey.people import in_front
from kiosk.shell.helps import HelpsKept
from kiosk.shell.lived import Lived, advance
from kiosk.shell.past import PastKept
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.report import Content, HelpAsked, Identity
from mqtt_bridge.contract.stamp import Stamp
from tests.support.journey import Walker


class Remembering(Walker):
    def __init__(self, care_plan: CarePlan | None = None) -> None:
        self._lived: Lived | None = None
        database = sqlite3.connect(":memory:", isolation_level=None)
        self.kept, self.helps = PastKept(database, self.lived_ms), HelpsKept(database, self.lived_ms)
        self.read: set[str] = set()
        """The requests for help that somebody has read."""
        super().__init__(care_plan)

    def lived_ms(self, now: Stamp) -> int:
        self._lived = advance(self._lived, now)
        return self._lived.lived_ms

    def feel(self, event: Event) -> tuple[Effect, ...]:
        effects = super().feel(event)
        self.tell_help()
        self.tell_past()
        return effects

    def tell_help(self) -> None:
        kept, known = self.helps.last(in_front(self.journey), self.clock()), self.journey.help
        if kept is None:
            return
        reader = "Claire, infirmière" if kept.help in self.read else ""
        if known is None or (known.help, known.reader) != (kept.help, reader):
            told = HelpRequest(kept.help, kept.patient, kept.asked_ms, "in_record" if reader else "pending", reader)
            super().feel(HelpTold(self.clock(), told))

    def tell_past(self) -> None:
        patient = in_front(self.journey)
        if patient is None:
            return
        past = self.kept.of(patient, self.clock())
        if past != self.journey.past:
            super().feel(PastTold(self.clock(), past))

    def written(self, effects: tuple[Effect, ...]) -> None:
        super().written(effects)
        for effect in effects:
            if isinstance(effect, Write):
                for content in effect.reports:
                    self.kept.add(content, effect.plan, effect.at)
                    self._help(content, effect)
                for note in effect.notes:
                    self.kept.note(note, effect.at)  # type: ignore[arg-type]  # only notes of care are made here

    def _help(self, content: Content, write: Write) -> None:
        if isinstance(content, HelpAsked):
            report = Identity(box="box-1", stream="kiosk", epoch="0" * 16, seq=len(self.told))
            self.helps.add(content, report, write.plan.patient if write.plan else None, write.at)

    def listen(
        self, request: str = "riviere", seconds: float = 10, *, after: tuple[int, ...] = (5, 5, 5, 5, 5)
    ) -> None:
        """One care from home to home."""
        self.to_playing(request)
        self.clock.pass_ms(round(seconds * 1000))
        self.sound("ended", seconds, "heard_whole")
        self.evaluate(*after)
        if self.screen == "NeedView":
            self.touch("keep")
        self.touch("done")
