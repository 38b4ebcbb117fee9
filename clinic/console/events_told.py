"""The timeline as staff read it: each kind of event in words, with a link to where more of it stands.

A new kind has a line in WORDS and stands in one of GROUPS; a test holds both to `clinic.record.timeline`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from clinic.console.bedside_words import delivery_said, purpose_said, respondent_said, rule_said, standing_said
from clinic.console.colon import colon
from clinic.console.record_words import contraindication_said, field_said, value_said
from clinic.console.role_words import asker_said, role_said
from clinic.console.suitability_words import outcome_said
from clinic.events import Event
from clinic.people.models import Patient

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "care": (gettext_noop("Séances et questionnaires"), ("session", "form", "lesson")),
    "messages": (gettext_noop("Messages"), ("message-from", "message-to")),
    "help": (gettext_noop("Demandes d’aide"), ("help-asked", "help-closed")),
    "medicines": (gettext_noop("Médicaments"), ("delivery-word", "delivery-step")),
    "plans": (gettext_noop("Plans"), ("plan-signed", "plan-received", "plan-stopped", "contraindication-overridden")),
    "tasks": (
        gettext_noop("Tâches et relèves"),
        ("task-asked", "task-ended", "social-task-asked", "social-task-ended", "handed-over"),
    ),
    "team": (
        gettext_noop("Équipe, accès et accords"),
        (
            "access-asked", "access-decided", "team-joined", "team-left", "consent-given", "consent-withdrawn",
            "emergency",
        ),
    ),
    "record": (
        gettext_noop("Dossier et situation"),
        ("contraindication", "social-changed", "record-changed", "standing", "home-checklist"),
    ),
}  # fmt: skip
"""What the timeline can be narrowed to: a code, its words, and the kinds in it."""


@dataclass(frozen=True)
class Told:
    """`words`: what happened; `said`: somebody's own words; `url` empty: there is nothing more to see."""

    words: str
    said: str = ""
    url: str = ""


@dataclass(frozen=True)
class ToldEvent:
    event: Event
    group: str
    words: str
    said: str
    url: str

    @property
    def text(self) -> str:
        """All that a search looks through."""
        return f"{self.words} {self.said} {self.event.by}"


def tell_event(event: Event, patient: Patient) -> ToldEvent:
    told = WORDS[event.kind](event, patient)
    return ToldEvent(event, group_of(event.kind), told.words, told.said, told.url)


def group_of(kind: str) -> str:
    return next((code for code, (_, kinds) in GROUPS.items() if kind in kinds), "")


def _session(event: Event, patient: Patient) -> Told:
    words = {
        "heard_whole": gettext("Séance entendue en entier"),
        "stopped": gettext("Séance arrêtée"),
        "interrupted": gettext("Séance interrompue"),
        "failed": gettext("Séance en échec"),
    }
    said = words.get(event.code, gettext("Séance"))
    return Told(_with(said, event.what), event.said, reverse("sessions", args=[patient.id]))


def _form(event: Event, patient: Patient) -> Told:
    said = gettext("Questionnaire") if event.ref == "completed" else gettext("Questionnaire arrêté avant la fin")
    by = respondent_said(event.code) if event.code else ""
    more = ", ".join(filter(None, (purpose_said(event.said), by)))
    return Told(_with(said, event.what), more, reverse("follow-up", args=[patient.id]))


def _lesson(event: Event, patient: Patient) -> Told:
    more = gettext("%(read)s pages sur %(pages)s") % {"read": event.code, "pages": event.ref}
    return Told(_with(gettext("Leçon lue"), event.what), more, reverse("follow-up", args=[patient.id]))


def _message_from(event: Event, patient: Patient) -> Told:
    return Told(gettext("La personne a écrit"), event.said, reverse("messages", args=[patient.id]))


def _message_to(event: Event, patient: Patient) -> Told:
    said = "\n".join(json.loads(event.said)) if event.said else ""
    return Told(gettext("Message à la personne"), said, reverse("messages", args=[patient.id]))


def _help_asked(event: Event, _patient: Patient) -> Told:
    return Told(gettext("Aide demandée"), rule_said(event.code), reverse("one-help", args=[event.ref]))


def _help_closed(event: Event, _patient: Patient) -> Told:
    return Told(gettext("Demande d’aide close"), event.said, reverse("one-help", args=[event.ref]))


def _delivery_word(event: Event, _patient: Patient) -> Told:
    there = event.code == "there"
    said = gettext("La personne dit que le colis est là") if there else gettext("Médicaments demandés")
    return Told(said, event.said, reverse("delivery", args=[event.ref]))


def _delivery_step(event: Event, _patient: Patient) -> Told:
    said = _with(gettext("Médicaments"), delivery_said(event.code))
    return Told(said, event.said, reverse("delivery", args=[event.ref]))


def _plan_signed(event: Event, _patient: Patient) -> Told:
    return Told(gettext("Plan signé, version %(version)s") % {"version": event.what})


def _plan_received(event: Event, _patient: Patient) -> Told:
    taken = gettext("Plan reçu par la boîte %(box)s, version %(version)s")
    refused = gettext("Plan refusé par la boîte %(box)s, version %(version)s")
    said = taken if is_yes(event.code) else refused
    return Told(said % {"box": event.ref, "version": event.what}, event.said)


def _plan_stopped(event: Event, _patient: Patient) -> Told:
    return Told(gettext("Plan arrêté, version %(version)s") % {"version": event.what})


def _overridden(event: Event, _patient: Patient) -> Told:
    said = gettext("Soin attribué malgré une précaution")
    return Told(_with(said, contraindication_said(event.what)), event.said)


def _task_asked(event: Event, _patient: Patient) -> Told:
    said = gettext("Tâche urgente demandée") if event.code == "urgent" else gettext("Tâche demandée")
    return Told(_with(said, event.what), event.said, reverse("task", args=[event.ref]))


def _task_ended(event: Event, _patient: Patient) -> Told:
    said = gettext("Tâche faite") if event.code == "completed" else gettext("Tâche abandonnée")
    return Told(_with(said, event.what), event.said, reverse("task", args=[event.ref]))


def _handed_over(event: Event, _patient: Patient) -> Told:
    return Told(_with(gettext("Relève"), event.what), event.said, reverse("handover", args=[event.ref]))


def _access_asked(event: Event, _patient: Patient) -> Told:
    who = f"{asker_said(event.code)} ({event.what})" if event.what else asker_said(event.code)
    return Told(_with(gettext("Accès au soin demandé"), who), event.said)


def _access_decided(event: Event, _patient: Patient) -> Told:
    return Told(gettext("Accès validé") if is_yes(event.code) else gettext("Accès refusé"), event.said)


def _team_joined(event: Event, patient: Patient) -> Told:
    said = gettext("%(who)s entre dans l’équipe de soins") % {"who": event.what}
    return Told(said, role_said(event.code), reverse("care-team", args=[patient.id]))


def _team_left(event: Event, patient: Patient) -> Told:
    said = gettext("%(who)s sort de l’équipe de soins") % {"who": event.what}
    return Told(said, "", reverse("care-team", args=[patient.id]))


def _consent_given(event: Event, patient: Patient) -> Told:
    said = gettext("Accord du patient pour %(who)s") % {"who": event.what}
    return Told(said, event.said, reverse("care-team", args=[patient.id]))


def _consent_withdrawn(event: Event, patient: Patient) -> Told:
    said = gettext("Accord retiré pour %(who)s") % {"who": event.what}
    return Told(said, "", reverse("care-team", args=[patient.id]))


def _emergency(event: Event, _patient: Patient) -> Told:
    return Told(gettext("Dossier ouvert en urgence"), event.said)


def _contraindication(event: Event, _patient: Patient) -> Told:
    what = contraindication_said(event.what)
    said = gettext("Précaution notée") if is_yes(event.code) else gettext("Précaution écartée")
    return Told(_with(said, what), event.said)


def _home_checklist(event: Event, patient: Patient) -> Told:
    said = _with(gettext("Le lieu de la boîte"), outcome_said(event.code) if event.code else "")
    return Told(said, event.said, reverse("one-checklist", args=[patient.id, event.ref]))


def _standing(event: Event, _patient: Patient) -> Told:
    return Told(_with(gettext("Situation"), standing_said(event.code)), event.said)


def _changed(event: Event, _patient: Patient) -> Told:
    words = {
        "patient": gettext("Dossier modifié"),
        "related-person": gettext("Proche modifié"),
        "merge": gettext("Dossiers réunis"),
        "erasure": gettext("Effacement"),
    }
    return Told(words.get(event.code, words["patient"]), changes_said(json.loads(event.said)))


def changes_said(changes: dict[str, list[object]]) -> str:
    """What a change did, one field a line: « chambre ou lieu : chambre 12 → chambre 14 »."""
    return "\n".join(_change_said(name, *both) for name, both in changes.items() if name != "ins_oid")


def _change_said(name: str, before: object, after: object) -> str:
    if name == "until_ms":
        return field_said(name)
    if before == after:  # said for the reader to know whom it is about
        return _with(field_said(name), value_said(name, after))
    return _with(field_said(name), f"{value_said(name, before)} → {value_said(name, after)}")


def is_yes(code: str) -> bool:
    """A boolean as either database writes it in letters."""
    return code in ("1", "true", "True")


def _with(said: str, more: str) -> str:
    return f"{said}{colon()} {more}" if more else said


Teller = Callable[[Event, Patient], Told]
WORDS: dict[str, Teller] = {
    "session": _session,
    "form": _form,
    "lesson": _lesson,
    "message-from": _message_from,
    "message-to": _message_to,
    "help-asked": _help_asked,
    "help-closed": _help_closed,
    "delivery-word": _delivery_word,
    "delivery-step": _delivery_step,
    "plan-signed": _plan_signed,
    "plan-received": _plan_received,
    "plan-stopped": _plan_stopped,
    "contraindication-overridden": _overridden,
    "task-asked": _task_asked,
    "task-ended": _task_ended,
    "social-task-asked": _task_asked,
    "social-task-ended": _task_ended,
    "handed-over": _handed_over,
    "access-asked": _access_asked,
    "access-decided": _access_decided,
    "team-joined": _team_joined,
    "team-left": _team_left,
    "consent-given": _consent_given,
    "consent-withdrawn": _consent_withdrawn,
    "emergency": _emergency,
    "contraindication": _contraindication,
    "social-changed": _changed,
    "record-changed": _changed,
    "standing": _standing,
    "home-checklist": _home_checklist,
}
