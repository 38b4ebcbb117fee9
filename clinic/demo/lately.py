"""What the last days brought besides sessions: help, messages, a delivery, requests, weekly forms, an odd arrival.

It goes the way of a box's own reports (`clinic.ingest.record`), so that the pages show what ingest would have written.
"""

import itertools
import random

from clinic.correspondence.delivering import tell
from clinic.correspondence.messaging import send
from clinic.correspondence.models import Delivery, MessageToPatient
from clinic.demo.cast import Followed, Staff
from clinic.demo.course import DAY_MS, HOUR_MS, MINUTE_MS
from clinic.demo.prescriptions import RELATIVE, WEEK, plan_id
from clinic.fleet.models import Device
from clinic.ingest import record
from clinic.people.admission import request_access
from clinic.people.models import Asker, Patient
from clinic.plans.orders import Pen
from clinic.results.models import LedgerRow, Quarantine
from clinic.results.problems import Code
from mqtt_bridge.contract import report as told
from mqtt_bridge.contract.forms import ORDINAL, Coding, Extension, QuestionnaireResponse, Reference, absent, answered
from mqtt_bridge.contract.report import Content, Identity, Report
from mqtt_bridge.contract.stamp import Stamp

EPOCH = "00000000000de301"
LETTER = (
    "Bonjour Camille. La nuit a été longue, la perfusion me tirait le bras. Au bout de quelques minutes je n’entendais "
    "plus que l’eau. Est-ce que ma fille pourrait l’écouter avec moi dimanche ?"
)
FINDINGS = (
    told.Finding(check="button", fine=True),
    told.Finding(check="screen", fine=True),
    told.Finding(check="sound", fine=False, told="à gauche, rien n’a été entendu"),
)
_WEEK_URL, _RELATIVE_URL = "urn:chevet:questionnaire:suivi-semaine", "urn:chevet:questionnaire:aidant"
_SIGNS = {
    "general": ("Très mal", "Mal", "Moyen", "Bien", "Très bien"),
    "fatigue": ("Pas du tout", "Un peu", "Beaucoup", "Tout le temps"),
    "nausee": ("Jamais", "Quelques fois", "Souvent", "Tous les jours"),
    "appetit": ("Presque rien", "Moins que d’habitude", "Comme d’habitude"),
    "souffle": ("Pas du tout", "Un peu", "Beaucoup"),
    "moral": ("Très bas", "Bas", "Moyen", "Bon", "Très bon"),
}


class Lately:
    """Reports of the boxes, told one after the other."""

    def __init__(self, of: dict[str, str], staff: Staff, pen: Pen, now_ms: int) -> None:
        self._of, self._staff, self._pen, self._now_ms = of, staff, pen, now_ms
        self._numbers = itertools.count(1)

    def tell(self, found: list[Followed], chance: random.Random) -> None:
        """`found`: those in follow-up; the first dozen has the most to show."""
        for number, one in enumerate(found[:12]):
            self._weeks(one, chance)
            if number % 2 == 0:
                self._words(one, number)
            if number % 4 == 1:
                self._asks_for_medicines(one)
            self._box_and_lesson(one)
        for ago_ms, rule, one in zip((7 * MINUTE_MS, 50 * MINUTE_MS), (None, "strong-pain"), found[2:4], strict=False):
            asked = told.HelpAsked(help=f"aide-{one.id}", asked=self._stamp(ago_ms), rule=rule)
            self._report(one, asked, ago_ms)
        self._newcomers()
        self._set_aside(found[0])

    def _words(self, one: Followed, number: int) -> None:
        user = self._staff.user
        letter = told.MessageFromPatient(message=f"mot-{one.id}", text=LETTER, written=self._stamp(9 * HOUR_MS))
        self._report(one, letter, 9 * HOUR_MS)
        if number % 4 == 0:
            words = "Bonjour. Je passe demain à 10 h. Cela vous va ?"
            sent = send(Patient.objects.get(pk=one.id), user, words, ["Oui", "Non"], self._pen)
            self._went(sent, 8 * HOUR_MS)
            opened = told.MessageOpened(message=sent.message, opened=self._stamp(HOUR_MS))
            answer = told.MessageFromPatient(
                message=f"oui-{one.id}", text="Oui", written=self._stamp(HOUR_MS), reply_to=sent.message
            )
            self._report(one, opened, HOUR_MS)
            self._report(one, answer, HOUR_MS)

    def _went(self, sent: MessageToPatient, ago_ms: int) -> None:
        """Written so long ago, and on the box a moment later: it is opened after it was sent."""
        at_ms = self._now_ms - ago_ms
        MessageToPatient.objects.filter(pk=sent.pk).update(sent_ms=at_ms)
        sent.orders.update(issued_ms=at_ms, sent_ms=at_ms + 2_000, received_ms=at_ms + 4_000, accepted=True)

    def _asks_for_medicines(self, one: Followed) -> None:
        asked = told.DeliveryAsked(
            delivery=f"livraison-{one.id}", asked=self._stamp(26 * HOUR_MS), note="Il me reste deux boîtes."
        )
        self._report(one, asked, 26 * HOUR_MS)
        delivery = Delivery.objects.get(delivery=asked.delivery)
        tell(delivery, Delivery.State.SENT, "Livraison jeudi matin", self._staff.user, self._pen)

    def _box_and_lesson(self, one: Followed) -> None:
        read = told.LessonRead(
            lesson="douleur", version=1, pages_read=8, pages=8, duration_s=431.0, opened=self._stamp(2 * DAY_MS)
        )
        self._report(one, read, 2 * DAY_MS)
        self._report(one, told.SelfTested(made=self._stamp(DAY_MS), findings=FINDINGS), DAY_MS)

    def _weeks(self, one: Followed, chance: random.Random) -> None:
        """The weekly form for three months, and once what it is to help, answered by the relative."""
        level = [chance.uniform(0.2, 0.8) for _ in _SIGNS]
        for week in range(12, -1, -1):
            if chance.random() < 0.12:
                continue
            ago_ms = week * 7 * DAY_MS + 3 * HOUR_MS
            self._report(one, self._week(one, ago_ms, level, chance), ago_ms)
        self._report(one, self._burden(one, chance), 6 * DAY_MS)

    def _week(self, one: Followed, ago_ms: int, level: list[float], chance: random.Random) -> told.FormAnswered:
        who = Reference(reference=f"Patient/{one.id}")
        signs = [
            answered(item, _step(_WEEK_URL, item, options, min(1.0, max(0.0, usual + chance.gauss(0, 0.2)))))
            for (item, options), usual in zip(_SIGNS.items(), level, strict=True)
        ]
        pain = (
            answered("douleur", chance.randint(2, 8)) if chance.random() < 0.95 else absent("douleur", "asked-declined")
        )
        items = (*signs[:1], pain, *signs[1:], answered("fievre", chance.random() < 0.06))
        response = QuestionnaireResponse(
            questionnaire=f"{_WEEK_URL}|1", status="completed", subject=who, source=who, item=items
        )
        occasion = f"semaine-{one.id}-{ago_ms // DAY_MS}"
        return told.FormAnswered(
            occasion=occasion, request=WEEK, response=response, asked=self._stamp(ago_ms), answered_by="self"
        )

    def _burden(self, one: Followed, chance: random.Random) -> told.FormAnswered:
        relative = Reference(reference=f"RelatedPerson/of-{one.id}")
        items = (answered("charge", chance.randint(2, 9)), answered("relais", chance.random() < 0.5))
        response = QuestionnaireResponse(
            questionnaire=f"{_RELATIVE_URL}|1", status="completed", subject=relative, source=relative, item=items
        )
        return told.FormAnswered(
            occasion=f"aidant-{one.id}", request=RELATIVE, response=response, asked=self._stamp(6 * DAY_MS),
            answered_by="relative",
        )  # fmt: skip

    def _newcomers(self) -> None:
        user = self._staff.user
        for key, given, family, why in (
            ("arrivee-1", "Rosalie", "Chèvrefeuille", "Sa fille : elle ne dort plus depuis la chimiothérapie."),
            ("arrivee-2", "Amédée", "Belladone", "L’infirmier du soir : il s’agite avant les soins."),
        ):
            woman = given == "Rosalie"
            address = f"{'Madame' if woman else 'Monsieur'} {family}"
            patient = Patient.objects.create(
                id=key, given=given, family=family, address_as=address, establishment=self._staff.establishment
            )
            request_access(patient, user, Asker.RELATIVE, "un proche", why, user)

    def _set_aside(self, one: Followed) -> None:
        problem = "not a letter: Expected `object`, got `str`"
        Quarantine.objects.create(
            kind=Quarantine.Kind.UNREADABLE, topic=f"chevet/v1/demonstration/{self._of[one.id]}/up", payload=b"?",
            digest="0" * 64, problem=problem, code=Code.UNREADABLE, first_ms=self._now_ms - DAY_MS,
            last_ms=self._now_ms - HOUR_MS,
        )  # fmt: skip

    def _report(self, one: Followed, content: Content, ago_ms: int) -> None:
        seq, at_ms = next(self._numbers), self._now_ms - ago_ms
        device = Device.objects.get(pk=self._of[one.id])
        row = LedgerRow.objects.create(
            device=device, stream="kiosk", epoch=EPOCH, seq=seq, state=LedgerRow.State.STORED, payload=b"",
            received_ms=at_ms + 3_000,
        )  # fmt: skip
        report = Report(
            id=f"00000000-0000-4000-8001-{seq:012}",
            identity=Identity(box=device.id, stream="kiosk", epoch=EPOCH, seq=seq),
            recorded=self._stamp(ago_ms),
            content=content,
            patient=one.id,
            plan=plan_id(one.id),
            plan_version=1,
        )
        record.write(row, report, self._pen)

    def _stamp(self, ago_ms: int) -> Stamp:
        at_ms = self._now_ms - ago_ms
        return Stamp(wall_ms=at_ms, trusted=True, boot="demo", monotonic_ms=at_ms % 10**9)


def _step(url: str, item: str, options: tuple[str, ...], share: float) -> Coding:
    """One option of a scale, the least at 0 and the most at 1."""
    step = round(share * (len(options) - 1))
    ordinal = Extension(url=ORDINAL, value_decimal=float(step))
    return Coding(system=url, code=f"{item}.{step}", display=options[step], extension=(ordinal,))
