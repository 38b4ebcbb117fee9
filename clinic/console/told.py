"""A session, a plan and a box as the pages tell them: the words for codes, and what follows from them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from clinic.console.answers_told import said
from clinic.console.bedside_words import chosen_said, respondent_said, rule_said, stop_reason_said
from clinic.console.colon import colon
from clinic.console.hearing import Hearing, hearing
from clinic.console.picture import Indicator, indicator, name_of
from clinic.console.templatetags.words import duration
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import Way
from clinic.results.answers import questions_of
from clinic.results.models import Answer, Evaluation, Listening
from clinic.results.sessions import Reader, SessionRecord
from mqtt_bridge.contract.forms import Cone, Ramp
from mqtt_bridge.contract.questions import Choice, FreeText, Information, Question, Scale, WholeNumber, YesNo

Ramps = dict[str, Ramp]
Asked = dict[str, Scale | Choice | YesNo | WholeNumber | FreeText]


@dataclass(frozen=True)
class ToldSession:
    record: SessionRecord
    outcome: "Outcome"
    indicators: tuple[Indicator, ...]
    others: tuple["OtherAnswer", ...]
    news: str
    """A word when something of it is read now for the first time by this reader."""

    @property
    def uncertain(self) -> bool:
        return self.record.session.error_ms is None

    @property
    def error(self) -> str:
        """« à 5 min près », when the error is worth a word."""
        error_ms = self.record.session.error_ms
        if error_ms is None or error_ms < 60_000:
            return ""
        return gettext("à %(duration)s près") % {"duration": duration(round(error_ms / 60_000) * 60)}

    @property
    def comments(self) -> list[tuple[str, str]]:
        told = [(gettext("Avant"), self.record.comment("before")), (gettext("Après"), self.record.comment("after"))]
        return [(moment, words) for moment, words in told if words]

    @property
    def source(self) -> str:
        """Who answered."""
        evaluations = [e for e in (self.record.before, self.record.after) if e]
        named = [respondent_said(e.answered_by) for e in evaluations if e.answered_by]
        if named:
            return ", ".join(dict.fromkeys(named))
        others = {e.source for e in evaluations if e.source != f"Patient/{self.record.session.patient_id}"}
        if not evaluations:
            return ""
        return ", ".join(sorted(map(_who, others))) if others else gettext("la personne elle-même")

    @property
    def given_elsewhere(self) -> str:
        """The answers of before were given once, in the session that proposed this care (A14)."""
        before = self.record.before
        words = gettext("avant : mêmes réponses que dans la séance qui a proposé ce soin")
        return words if before and before.given_in else ""

    @property
    def needs(self) -> list[str]:
        """What the answers proposed, and what the person chose."""
        return [f"{rule_said(one.rule)}{colon()} {chosen_said(one.chosen)}" for one in self.record.needs]

    @property
    def stop_reason(self) -> str:
        return stop_reason_said(self.record.stop_reason) if self.record.stop_reason else ""

    @property
    def delay(self) -> str:
        """How long the questions after the care waited for the person (A8), when that is worth a word."""
        after = self.record.after
        return duration(round(after.delay_s / 60) * 60) if after and after.delay_s >= 120 else ""

    @property
    def readers(self) -> list[tuple[str, list[Reader]]]:
        """« Lu par » those who have read every report of it, « Lu en partie par » the others."""
        readers = self.record.readers
        told = [
            (gettext("Lu par"), [reader for reader in readers if reader.whole]),
            (gettext("Lu en partie par"), [reader for reader in readers if not reader.whole]),
        ]
        return [(words, who) for words, who in told if who]

    @property
    def earlier(self) -> list[str]:
        """What came before the last word of each kind, so that whatever counts as read is also shown."""
        return [_earlier(report) for report in self.record.earlier]

    @property
    def hearing(self) -> Hearing | None:
        return hearing(self.record.listening)

    @property
    def gaps(self) -> list[str]:
        """Each gap: when in the care, and how long."""
        heard = self.record.listening
        return [_gap(heard, gap) for gap in heard.gaps] if heard else []

    @property
    def gaps_said(self) -> str:
        heard = self.record.listening
        if heard is None:
            return ""
        count = heard.gaps_total
        if not count:
            return gettext("aucune coupure")
        total = duration(sum(gap["duration_ms"] for gap in heard.gaps) / 1000)
        if count > len(heard.gaps):  # the box tells the first hundred one by one
            words = gettext("%(n)s coupures, dont les %(told)s premières durent %(total)s")
            return words % {"n": count, "told": len(heard.gaps), "total": total}
        words = ngettext("%(n)s coupure, %(total)s", "%(n)s coupures, %(total)s en tout", count)
        return words % {"n": count, "total": total}


def _who(reference: str) -> str:
    """A FHIR reference as staff say it."""
    kind, _, name = reference.partition("/")
    words = {"RelatedPerson": gettext("un proche"), "Practitioner": gettext("un soignant")}
    return f"{words[kind]} ({name})" if kind in words else reference


@dataclass(frozen=True)
class Outcome:
    """`code` chooses the icon and the stylesheet's class; `words` say it; `cause` is for staff."""

    code: str
    words: str
    cause: str = ""


@dataclass(frozen=True)
class OtherAnswer:
    """An item that is no cone, before and after."""

    question: str
    before: str
    after: str


def _others(record: SessionRecord, asked: Asked) -> tuple[OtherAnswer, ...]:
    """Choices, yes or no, numbers that the plan's form asks as such; the comment has its own place."""
    given = {
        (told.moment, one.item): one for told in (record.before, record.after) if told for one in told.answers.all()
    }
    items = dict.fromkeys(item for _, item in given)
    found = [
        item for item in items if _is_other(item, [one for (_, name), one in given.items() if name == item], asked)
    ]
    return tuple(
        OtherAnswer(
            asked[item].question if item in asked else name_of(item),
            *(said(one, asked.get(item)) if (one := given.get((moment, item))) else "" for moment in MOMENTS),
        )
        for item in found
    )


def _is_other(item: str, given: list[Answer], asked: Asked) -> bool:
    if item in asked:
        return not isinstance(asked[item], FreeText)
    return any(one.choice or one.yes is not None for one in given)


MOMENTS = ("before", "after")


def tell_session(record: SessionRecord, ramps: Ramps, asked: Asked, new: Collection[int]) -> ToldSession:
    """`new`: its reports (keys of ledger rows) that this reader reads now for the first time.

    asked: the questions of its plan's forms that are no cones.
    """
    told = (record.before is not None, record.after is not None)
    indicators = tuple(
        indicator(item, ramp_of(item, ramps), record.answer("before", item), record.answer("after", item), told=told)
        for item in record.cones
        if item not in asked
    )
    whole = len(new) == len(record.rows)
    news = "" if not new else gettext("nouveau") if whole else gettext("complété")
    return ToldSession(record, outcome(record.listening), indicators, _others(record, asked), news)


def _earlier(report: Listening | Evaluation) -> str:
    if isinstance(report, Listening):
        words = gettext("Reçu auparavant : écoute %(outcome)s, %(heard)s sur %(total)s")
        told = {"outcome": outcome(report).words, "heard": duration(report.listened_s)}
        return words % {**told, "total": duration(report.total_s)}
    moment = gettext("avant") if report.moment == "before" else gettext("après")
    answers = [f"{name_of(a.item)}{colon()} {said(a)}" for a in report.answers.all()]
    words = gettext("Reçu auparavant, %(moment)s : %(answers)s")
    return words % {"moment": moment, "answers": ", ".join(answers)}


def outcome(heard: Listening | None) -> Outcome:
    if heard is None:
        return Outcome("none", gettext("écoute pas encore reçue"))
    words = {
        "heard_whole": gettext("entendue en entier"),
        "stopped": gettext("arrêtée"),
        "interrupted": gettext("interrompue"),
        "failed": gettext("échec"),
    }
    return Outcome(heard.outcome, words.get(heard.outcome, heard.outcome), cause_said(heard.cause))


def cause_said(code: str) -> str:
    words = {
        "kiosk-away": gettext("l’écran ne répondait plus"),
        "device-missing": gettext("la boîte n’a pas trouvé la sortie du son"),
        "device-unsuitable": gettext("la sortie du son ne convient pas à cette séance"),
        "device-lost": gettext("la sortie du son a disparu"),
        "package-damaged": gettext("la séance enregistrée est abîmée"),
        "package-differs": gettext("la séance de la boîte n’est pas celle qui est prescrite"),
        "power-lost": gettext("coupure de courant"),
        "player-lost": gettext("le lecteur s’est arrêté"),
        "player-silent": gettext("le lecteur ne répondait plus"),
        "player-stopped": gettext("le lecteur a été arrêté"),
        "patient": gettext("à la demande de la personne"),
    }
    return words.get(code, code)


def ramp_of(item: str, ramps: Ramps) -> Ramp:
    """From the form that was asked; the house's own good-when-high item while the plan is not known here."""
    return ramps.get(item, "pleasant" if item == "plaisir" else "intense")


def ramps_of(plans: list[CarePlan]) -> Ramps:
    """The ramps of the plans' cones."""
    return {name: one.ramp for name, one in _questions(plans).items() if isinstance(one, Cone)}


def asked_of(plans: list[CarePlan]) -> Asked:
    """The questions of the plans' forms that are no cones."""
    found = _questions(plans)
    return {name: one for name, one in found.items() if not isinstance(one, Cone | Information)}


def _questions(plans: list[CarePlan]) -> dict[str, Question]:
    forms = [form for plan in plans for form in plan.content.questionnaires]
    cared = {request.questionnaire for plan in plans for request in plan.content.activity}
    return {name: one for form in forms if form.canonical in cared for name, one in questions_of(form).items()}


def _gap(heard: Listening, gap: dict[str, Any]) -> str:
    at = duration(gap["at_frame"] // heard.rate_hz) if heard.rate_hz > 0 else "?"
    return gettext("à %(at)s : %(duration)s") % {"at": at, "duration": duration(gap["duration_ms"] / 1000)}


@dataclass(frozen=True)
class Step:
    """One step of an order: done when it has a time."""

    words: str
    at_ms: int | None
    refused: str = ""


def order_steps(order: Way, signed_ms: int) -> list[Step]:
    """Of a plan: signed, sent, received, each with its time."""
    return [Step(gettext("signé"), signed_ms), *steps_of(order)]


def steps_of(order: Order | Way) -> list[Step]:
    """Sent, received: each with its time."""
    # A box that received it was sent it, even when the broker's answer was lost.
    sent_ms = order.sent_ms or order.received_ms
    refused = order.reason or gettext("sans raison donnée") if order.accepted is False else ""
    received = gettext("refusé par la boîte") if refused else gettext("reçu par la boîte")
    return [
        Step(gettext("envoyé"), sent_ms),
        Step(received, order.received_ms, refused),
    ]


def keeps_said(pending: int | None) -> str:
    if pending is None:
        return gettext("pas encore dit")
    if pending == 0:
        return gettext("rien, tout est ici")
    return ngettext("%(n)s envoi", "%(n)s envois", pending) % {"n": pending}
