"""A month at a clinic, as staff would find it: sessions of every kind, boxes in every state, and what is to be checked.

    CHEVET_CLINIC_HOME=home python -m tests.clinic.month ENROLMENT   (the files of box-12)

Everything goes through ClinicEnd, as if boxes had sent it.
"""

import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mqtt_bridge import enrolment, seal
from mqtt_bridge.contract import report as told
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.forms import Coding, QuestionnaireResponse, Reference, absent, answered
from mqtt_bridge.contract.report import Content, Evaluation, Gap, HeadphonesChange, LevelChange, Listening
from mqtt_bridge.contract.schedule import Respondent
from mqtt_bridge.contract.stamp import Stamp
from tests.clinic.box import CLINIC, RATE_HZ, Box, Scores, evaluation, listening

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
LONG = (
    "Je ne pensais pas que cela me ferait autant de bien. La nuit a été longue, le voisin a beaucoup appelé, et la "
    "perfusion me tirait le bras. Au bout de quelques minutes je n’entendais plus que l’eau. J’ai revu la maison de "
    "mes grands-parents, à Saint-Rémy, et le bruit du seau contre la pierre.\nEst-ce que ma fille pourrait l’écouter "
    "avec moi dimanche ? Elle vient avec les petits vers quinze heures."
)
COMMENTS = (
    "",
    "Merci.",
    "J’ai mal dormi.",
    "",
    "Un peu mieux qu’hier.",
    "Trop fort au début, puis agréable.",
    "",
    "J’avais encore mal au ventre, mais j’étais moins crispée.",
)
MARTIN_S = 1200.0


@dataclass
class Month:
    """What one box has to say. `sat` is the beginning of each session."""

    box: Box
    clinic: "Clinic"
    now_ms: int

    def session(
        self,
        name: str,
        at_ms: int,
        before: Scores | None,
        heard: Listening | None,
        after: Scores | None,
        comments: tuple[str, str] = ("", ""),
    ) -> None:
        stamp = self.stamp(at_ms)
        sent: list[Evaluation | Listening] = []
        if before is not None:
            sent.append(evaluation("before", before, comments[0] or None, name, asked=stamp))
        if heard is not None:
            sent.append(heard)
        if after is not None:
            sent.append(evaluation("after", after, comments[1] or None, name, asked=stamp))
        for content in sent:
            self.clinic.receive(self.box.report(content), self.box.up, at_ms + 25 * MINUTE_MS)

    def stamp(self, at_ms: int, *, trusted: bool = True) -> Stamp:
        return Stamp(wall_ms=at_ms, trusted=trusted, boot="boot-a", monotonic_ms=at_ms % 10**9)


class Clinic:
    def __init__(self) -> None:
        from clinic.home import current_home
        from clinic.ingest.store import DjangoStore
        from mqtt_bridge.clinic_end import ClinicEnd

        self.keys = seal.load_secret(current_home().clinic_keys)
        self._end = ClinicEnd(CLINIC, self.keys, DjangoStore())

    def receive(self, payload: bytes, topic: str, at_ms: int) -> None:
        self._end.receive(topic, payload, at_ms)


def main(enrolled: Path) -> int:
    import django

    django.setup()
    from django.db import transaction

    files, clinic = enrolment.load(enrolled), Clinic()
    now_ms = int(time.time() * 1000)
    month = Month(Box(clinic.keys.public, "box-12", files.keys), clinic, now_ms)
    with transaction.atomic():
        usual(month)
        unusual(month)
        neighbours(clinic, now_ms)
        to_check(month)
        bedside(month)
    return 0


def usual(month: Month) -> None:
    """One session a day, some days two: worse on treatment days, better after."""
    chance = random.Random(20251121)  # noqa: S311  # the same month each time
    for day in range(30, 2, -1):
        for turn in range(1 if chance.random() < 0.7 else 2):
            at_ms = month.now_ms - day * DAY_MS - (15 - 6 * turn) * HOUR_MS + chance.randrange(50 * MINUTE_MS)
            base = 7 if day % 7 in (0, 1) else 4
            before = tuple(max(0, min(10, base + chance.randint(-2, 2))) for _ in range(4))
            after = tuple(max(0, score - chance.randint(0, 3)) for score in before)
            joy = chance.randint(1, 5)
            name = f"jour-{day}-{turn}"
            month.session(
                name,
                at_ms,
                (*before, joy),
                listening(name, total_s=MARTIN_S, played_s=MARTIN_S, started=month.stamp(at_ms)),
                (*after, min(10, joy + chance.randint(0, 4))),
                (chance.choice(COMMENTS), chance.choice(COMMENTS)),
            )


def heard_by_ear(told: Listening, level_dba: float, week_percent: float, **more: object) -> Listening:
    """The listening, as a box tells it that knows its headphones."""
    fields: dict[str, object] = {
        "level_dba": level_dba,
        "level_max_dba": level_dba,
        "dose_pa2h": 0.014,
        "dose_week_percent": week_percent,
        "calibration": "Sennheiser HD 206",
        "gain_start_db": -12.0,
    }
    return msgspec.structs.replace(told, **{**fields, **more})


def unusual(month: Month) -> None:
    """What a nurse has to understand at a glance, all in the last two days."""
    now_ms = month.now_ms
    at = [now_ms - n * 5 * HOUR_MS for n in range(10, 0, -1)]

    def heard(name: str, began_ms: int, **how: object) -> Listening:
        return listening(name, total_s=MARTIN_S, started=month.stamp(began_ms), **how)  # type: ignore[arg-type]

    usual_ear = heard_by_ear(heard("u-0", at[0], played_s=MARTIN_S), 69.9, 0.83)
    month.session("u-0", at[0], (6, "declined", 5, None, 2), usual_ear, (3, 0, 3, 2, 5))
    month.session("u-1", at[1], ("declined",) * 5, heard("u-1", at[1], played_s=MARTIN_S), ("declined",) * 5)
    month.session(
        "u-2",
        at[2],
        (8, 8, 7, 6, 1),
        heard("u-2", at[2], outcome="interrupted", played_s=431, exact=False, cause="power-lost"),
        None,
        ("Je n’en peux plus de ce bruit.", ""),
    )
    month.session(
        "u-3",
        at[3],
        (5, 5, 6, 4, 3),
        heard("u-3", at[3], outcome="stopped", played_s=95, cause="patient"),
        (5, 5, 6, 4, 3),
        ("", "Pas aujourd’hui."),
    )
    gaps = tuple(Gap(at_frame=RATE_HZ * at_s, duration_ms=ms) for at_s, ms in ((65, 420), (312, 1180), (900, 95)))
    plugs = (HeadphonesChange(at_frame=RATE_HZ * 200, headphones="out"),)
    softer = (LevelChange(at_frame=RATE_HZ * 61, gain_db=-9.0), LevelChange(at_frame=RATE_HZ * 300, gain_db=-15.0))
    changes = {"level_max_dba": 73.0, "level_changes": softer, "level_changes_total": 2}
    whole = heard("u-4", at[4], played_s=MARTIN_S, gaps=gaps)
    unplugged = {"headphones_changes": plugs, "headphones_changes_total": 1}
    ear = heard_by_ear(whole, 68.2, 12.4, **changes, **unplugged)
    month.session("u-4", at[4], (7, 6, 5, 5, 2), ear, (4, 4, 4, 3, 6))
    month.session(
        "u-5",
        at[5],
        (10, 9, 10, 8, 0),
        heard("u-5", at[5], outcome="failed", played_s=0, cause="package-damaged"),
        None,
    )
    full = heard_by_ear(heard("u-6", at[6], played_s=MARTIN_S), 74.8, 103.2, sensitive=True, calibration="uncalibrated")
    month.session("u-6", at[6], (6, 7, 6, 5, 2), full, (2, 3, 4, 1, 8), ("", LONG))
    lost = Stamp(wall_ms=1_700_000_000_000, trusted=False, boot="boot-lost", monotonic_ms=90_000)
    box = month.box
    contents = (
        evaluation("before", (4, 4, 3, 2, 4), session="u-7", asked=lost),
        listening("u-7", total_s=MARTIN_S, played_s=MARTIN_S, started=lost),
    )
    for content in contents:
        month.clinic.receive(box.report(content), box.up, at[7])
    helped = evaluation("after", (3, 3, 2, 2, 5), "Elle a souri.", "u-7", asked=lost)
    answered = msgspec.structs.replace(helped.response, source=Reference(reference="RelatedPerson/fille"))
    box_word = msgspec.structs.replace(helped, response=answered, delay_s=3 * 3600.0)
    month.clinic.receive(box.report(box_word), box.up, at[7])
    month.session("u-8", at[9] - HOUR_MS, (6, 5, 7, 4, 2), None, None, ("J’ai froid.", ""))


def neighbours(clinic: Clinic, now_ms: int) -> None:
    """Other people of Claire's, and boxes in every state."""
    from clinic.fleet.boxes import register, revoke
    from clinic.people.models import Patient, Practitioner
    from clinic.people.team import join

    claire = Practitioner.objects.get(username="claire")
    people = [
        ("leroy", "Suzanne", "Le Roy", "Suzanne", "chambre 14"),
        ("da-silva", "Maria de Lurdes", "Pereira da Silva-Montgaillard", "Madame Pereira da Silva", "chambre 9"),
        ("nguyen", "Paul", "Nguyen", "Paul", ""),
        ("benali", "Ahmed", "Benali", "Monsieur Benali", "à domicile"),
    ]
    for number, (key, given, family, address, room) in enumerate(people, 13):
        patient = Patient.objects.create(id=key, given=given, family=family, address_as=address, room=room)
        join(patient, claire)
        box = Box(clinic.keys.public, f"box-{number}")
        device = register(box.name, box.keys.public, patient)
        if key == "nguyen":
            revoke(device)
        if key in {"leroy", "da-silva"}:
            at_ms = now_ms - (3 * DAY_MS if key == "leroy" else 4 * MINUTE_MS)
            name = f"{key}-1"
            said = wire.BoxState(alive=key != "leroy", boot="8f0c2a7e-2b", version="0.1.0")
            clinic.receive(box.sign("state", encode(said)), wire.topic(CLINIC, box.name, "state"), at_ms)
            told = evaluation("before", (4, 4, 4, 4, 4), session=name, asked=Stamp(at_ms, True, "b", 5))
            clinic.receive(_of(box, told, key), box.up, at_ms)
            keeps = (wire.Held(stream="kiosk", epoch=box.epoch, last=1 if key == "da-silva" else 6),)
            clinic.receive(box.hello(keeps), box.up, at_ms)


def _of(box: Box, told: Evaluation, patient: str) -> bytes:
    answers = msgspec.structs.replace(told.response, subject=Reference(reference=f"Patient/{patient}"))
    source = msgspec.structs.replace(answers, source=Reference(reference=f"Patient/{patient}"))
    return box.report(msgspec.structs.replace(told, response=source), patient=patient)


def bedside(month: Month) -> None:
    """What Madame Martin and her daughter told the box besides, and what Claire answered."""
    from clinic.correspondence.delivering import tell
    from clinic.correspondence.messaging import send
    from clinic.correspondence.models import Delivery
    from clinic.people.models import Patient, Practitioner
    from clinic.plans.orders import Pen

    now_ms, at = month.now_ms, month.stamp
    claire, martin = Practitioner.objects.get(username="claire"), Patient.objects.get(id="martin")
    pen = Pen(CLINIC, month.clinic.keys)
    words = send(martin, claire, "Bonjour Madame Martin.\nJe passe demain à 10 h. Cela vous va ?", ["Oui", "Non"], pen)
    contents: list[tuple[Content, int]] = [
        (told.MessageFromPatient(message="m-1", text=LONG, written=at(now_ms - 9 * HOUR_MS)), 9),
        (told.MessageOpened(message=words.message, opened=at(now_ms - HOUR_MS)), 1),
        (told.MessageFromPatient(message="m-2", text="Oui", written=at(now_ms - HOUR_MS), reply_to=words.message), 1),
        (told.HelpAsked(help="h-1", asked=at(now_ms - 12 * MINUTE_MS), rule="strong-pain", session="u-8"), 0),
        (told.DeliveryAsked(delivery="d-1", asked=at(now_ms - 26 * HOUR_MS), note="Il me reste deux boîtes."), 26),
        (told.LessonRead(lesson="douleur", version=1, pages_read=8, pages=8, duration_s=431.0, opened=at(now_ms)), 0),
        (told.SelfTested(made=at(now_ms - DAY_MS), findings=FINDINGS), 24),
        (told.NeedTold(session="u-2", rule="strong-pain", offered="help", chosen="kept"), 5),
        (told.StopExplained(session="u-3", reason="tired"), 5),
        (_week(at(now_ms - 3 * HOUR_MS), "self"), 3),
        (_week(at(now_ms - 2 * HOUR_MS), "relative"), 2),
    ]
    for content, hours in contents:
        month.clinic.receive(month.box.report(content), month.box.up, now_ms - hours * HOUR_MS)
    tell(Delivery.objects.get(), Delivery.State.SENT, "Livraison jeudi matin", claire, pen)


FINDINGS = (
    told.Finding(check="button", fine=True),
    told.Finding(check="sound", fine=False, told="à gauche, rien n’a été entendu"),
)


def _week(asked: Stamp, by: Respondent) -> told.FormAnswered:
    url, who = "urn:chevet:questionnaire:suivi-semaine", Reference(reference="Patient/martin")
    tired = Coding(system=url, code="fatigue.2", display="Beaucoup")
    items = (
        answered("general", Coding(system=url, code="general.1", display="Mal")), answered("douleur", 7),
        answered("fatigue", tired), absent("nausee", "asked-declined"), answered("fievre", True),
        answered("autre", "Les nuits sont longues."),
    )  # fmt: skip
    response = QuestionnaireResponse(questionnaire=f"{url}|1", status="completed", subject=who, source=who, item=items)
    return told.FormAnswered(occasion=f"o-{by}", request="semaine", response=response, asked=asked, answered_by=by)


def to_check(month: Month) -> None:
    box, clinic, now_ms = month.box, month.clinic, month.now_ms
    clinic.receive(box.report(listening("autre"), seq=1), box.up, now_ms - HOUR_MS)
    stranger = Box(clinic.keys.public, "box-77")
    for n in range(3):
        clinic.receive(stranger.report(listening("x"), seq=1) if n == 0 else b"\x16\x03\x01", stranger.up, now_ms - n)
    clinic.receive(Box(clinic.keys.public, "box-12").report(listening("faux"), seq=900), box.up, now_ms - 2 * DAY_MS)
    clinic.receive(box.report(listening("v-1"), patient="durand"), box.up, now_ms - 2 * HOUR_MS)
    lost = seal.make_keys().public
    clinic.receive(box.seal_report(box.write(listening("v-2")), lost), box.up, now_ms - 3 * HOUR_MS)
    at = Stamp(wall_ms=now_ms - MINUTE_MS, trusted=True, boot="b2c94d10-77", monotonic_ms=HOUR_MS, machine_ms=7_000)
    tested = wire.Tested(made=at, fine=("sound", "screen"), failed=("button",))
    well = wire.Equipment(
        at=at, every_s=900, system="Debian", free_mb=12_300, temperature_c=84.5, kiosk=True, player=False,
        tested=tested, machine_off_ms=-3 * HOUR_MS, certificate_ms=now_ms + 12 * DAY_MS,
    )  # fmt: skip
    alive = wire.BoxState(alive=True, boot="b2c94d10-77", version="0.1.0", equipment=well)
    clinic.receive(box.sign("state", encode(alive)), wire.topic(CLINIC, box.name, "state"), now_ms - MINUTE_MS)
    clinic.receive(box.hello((wire.Held(stream="kiosk", epoch=box.epoch, last=3),)), box.up, now_ms - MINUTE_MS)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
