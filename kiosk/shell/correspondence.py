"""What has passed between one person and the clinic, put together: what came, what was written here, where it is."""

from dataclasses import dataclass

from kiosk.journey.letters import Delivery, Letters, Received, SentLetter
from kiosk.shell.letters import Post
from kiosk.shell.orders import Receipts
from kiosk.shell.store import BedsideStore
from mqtt_bridge.contract.report import (
    DeliveryAsked,
    DeliveryReceived,
    LessonRead,
    MessageFromPatient,
    MessageOpened,
)
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.reading import LinkReader, truth_of
from mqtt_bridge.outbox import Told

KEPT_MS = 30 * 24 * 3600_000
RECEIVED_MAX = 50


@dataclass(frozen=True)
class Correspondence:
    """Reads; writes nothing. Every method raises StorageError."""

    store: BedsideStore
    link: LinkReader
    post: Post
    receipts: Receipts

    def of(self, patient: str, now: Stamp) -> Letters:
        writings, sent = self.store.written(patient)
        read = [(one.subject, int(one.outcome)) for one in self.store.told_of(patient, LessonRead) if one.outcome]
        return Letters(
            patient=patient,
            received=self._received(patient, now),
            sent=self._sent(patient, sent),
            writings=writings,
            delivery=self._delivery(patient),
            lessons=tuple(dict.fromkeys(reversed(read))),
        )

    def _received(self, patient: str, now: Stamp) -> tuple[Received, ...]:
        """Of thirty days, and every one that was not opened; without a sure clock the newest ones."""
        opened = {one.subject for one in self.store.told_of(patient, MessageOpened)}
        mine = [one for one in self.post.messages.values() if one.patient == patient]
        newest = sorted(mine, key=lambda one: (one.sent_ms, one.message), reverse=True)[:RECEIVED_MAX]
        since_ms = now.wall_ms - KEPT_MS if now.trusted else 0
        shown = (one for one in newest if one.sent_ms >= since_ms or one.message not in opened)
        return tuple(Received(one, one.message in opened) for one in shown)

    def _sent(self, patient: str, letters: tuple[SentLetter, ...]) -> tuple[SentLetter, ...]:
        reports = {one.subject: one.report for one in self.store.told_of(patient, MessageFromPatient)}
        there = [(one, reports[one.message]) for one in letters if one.message in reports]
        acks = {epoch: self.link.ack(epoch) for epoch in {epoch for _, (epoch, _) in there}}
        return tuple(self._where(one, report, acks[report[0]]) for one, report in there)

    def _where(self, letter: SentLetter, report: tuple[str, int], ack: Told | None) -> SentLetter:
        truth = truth_of(ack, report[1])
        reader = self.receipts.reader_of({report}) if truth == "in_record" else ""
        return SentLetter(letter.message, letter.text, letter.order, letter.written_ms, truth, reader)

    def _delivery(self, patient: str) -> Delivery | None:
        asked = self.store.told_of(patient, DeliveryAsked)
        if not asked:
            return None
        name, report = asked[0].subject, asked[0].report
        told = self.post.deliveries.get(name)
        known = told if told is not None and told.patient == patient else None
        received = any(one.subject == name for one in self.store.told_of(patient, DeliveryReceived))
        return Delivery(
            delivery=name,
            truth=self.link.truth(*report),
            told=known.state if known else None,
            note=(known.note or "") if known else "",
            received=received,
        )
