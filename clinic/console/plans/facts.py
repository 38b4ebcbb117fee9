"""A plan as a list of facts in words: what its pages show, and what two versions are compared by."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils import formats
from django.utils.translation import get_language, gettext

from clinic.console.bedside_words import purpose_said, respondent_said
from clinic.console.plans.plan_words import (
    code_said,
    condition_said,
    days_said,
    every_said,
    hour_said,
    hours_said,
    kind_said,
    locked_said,
    moment_said,
    offer_said,
    part_said,
    times_a_day_said,
)
from clinic.console.templatetags.words import dba, duration
from clinic.plans.library import forms_listed
from clinic.plans.plan_draft import ActivityDraft, PeriodDraft
from clinic.plans.unfinished import UnfinishedPlan
from clinic.shelf.choosing import packages_known
from clinic.shelf.models import Package
from mqtt_bridge.contract.forms import Questionnaire

PARTS = ("cares", "frame", "needs", "forms", "follow-ups", "lessons")


@dataclass(frozen=True)
class Fact:
    """`subject`: id of the care, form, rule...; empty for the plan itself. `name`: what it is called."""

    part: str
    subject: str
    name: str
    what: str
    said: str


@dataclass
class Names:
    """What ids are called: packages by fingerprint, forms by canonical."""

    packages: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)


def fingerprints_of(*plans: UnfinishedPlan) -> set[str]:
    return {one.package.fingerprint for plan in plans for one in plan.activity}


def names_of(*plans: UnfinishedPlan, known: dict[str, Package] | None = None) -> Names:
    """Two queries, for any number of plans; one, where the packages are known."""
    there = packages_known(fingerprints_of(*plans)) if known is None else known
    packages = {key: f"{one.title} ({one.version})" for key, one in there.items()}
    carried = {f.canonical: f.title for plan in plans for f in plan.questionnaires if isinstance(f, Questionnaire)}
    return Names(packages, {**carried, **forms_listed()})


def facts_of(plan: UnfinishedPlan, names: Names) -> tuple[Fact, ...]:
    titles = {one.id: one.title for one in plan.activity}
    return (
        *(fact for one in plan.activity for fact in _care(one, names)),
        *_frame(plan),
        *_needs(plan, titles),
        *_forms(plan, names),
        *_follow_ups(plan, names, titles),
        *_lessons(plan, names),
    )


def _care(one: ActivityDraft, names: Names) -> Iterator[Fact]:
    def fact(what: str, said: str) -> Fact:
        return Fact("cares", one.id, one.title, what, said)

    limits = one.limits
    package = names.packages.get(one.package.fingerprint, one.package.id)
    yield fact(gettext("Sorte"), kind_said(one.kind))
    yield fact(gettext("Séance"), f"{package} · {duration(round(one.duration_s / 60) * 60 or one.duration_s)}")
    yield fact(gettext("Niveau au début"), dba(one.level_dba))
    yield fact(gettext("Niveau au plus"), gettext("jusqu’à %(level)s") % {"level": dba(one.level_max_dba)})
    yield fact(gettext("Combien de fois"), times_a_day_said(limits.per_day_max))
    yield fact(gettext("Heures"), hours_said(limits.hours))
    between = duration(limits.interval_s_min) if limits.interval_s_min else gettext("aucun")
    yield fact(gettext("Délai entre deux"), between)
    if limits.period:
        yield fact(gettext("Dates du soin"), _period(limits.period))
    yield fact(gettext("Évaluation"), names.forms.get(one.questionnaire, one.questionnaire or gettext("cinq cônes")))
    yield fact(gettext("Explication"), "\n".join(one.explanation))
    yield fact(gettext("Conseils"), "\n".join(one.advice) or gettext("aucun"))
    if one.gain_db is not None or one.gain_max_db is not None:
        yield fact(gettext("Gain d’un ancien plan"), f"{one.gain_db}, {one.gain_max_db}")


def _frame(plan: UnfinishedPlan) -> Iterator[Fact]:
    def fact(what: str, said: str) -> Fact:
        return Fact("frame", "", part_said("frame"), what, said)

    home = plan.place == "home"
    yield fact(gettext("Dates du plan"), _period(plan.period))
    yield fact(gettext("Lieu de vie"), gettext("à la maison") if home else gettext("en établissement"))
    yield fact(gettext("Oreilles sensibles"), _yes(plan.sensitive))
    yield fact(gettext("Les yeux fermés"), _yes(plan.eyes_closed))
    yield fact(gettext("Écran immobile"), _yes(plan.still))
    yield fact(gettext("Jardin"), _yes(plan.garden))
    yield fact(gettext("Messages"), _yes(plan.messages))
    yield fact(gettext("Pharmacie"), plan.pharmacy.name if plan.pharmacy else gettext("aucune"))
    yield fact(gettext("Code"), code_said(plan.code.kind) if plan.code else gettext("aucun"))
    if plan.code:
        yield fact(gettext("Empreinte du code"), plan.code.digest[-6:])
    yield fact(gettext("Le code ouvre"), ", ".join(map(locked_said, plan.locked)) or gettext("rien de plus"))
    yield fact(gettext("Fuseau horaire"), plan.time_zone)


def _needs(plan: UnfinishedPlan, titles: dict[str, str]) -> Iterator[Fact]:
    for rule in plan.needs:
        name = rule.reason
        when = ", ".join(condition_said(one, one.item) for one in rule.conditions)
        yield Fact("needs", rule.id, name, gettext("Quand"), f"{when} · {moment_said(rule.moment)}")
        yield Fact("needs", rule.id, name, gettext("La boîte propose"), offer_said(rule.offer, titles))
        yield Fact("needs", rule.id, name, gettext("Raison dite"), rule.reason)


def _forms(plan: UnfinishedPlan, names: Names) -> Iterator[Fact]:
    for one in plan.forms:
        form = names.forms.get(one.questionnaire, one.questionnaire)
        yield Fact("forms", one.id, one.title, gettext("Questionnaire"), form)
        rhythm = gettext("%(every)s, pendant %(n)s jours au plus") % {
            "every": every_said(one.every_days),
            "n": one.open_days,
        }
        yield Fact("forms", one.id, one.title, gettext("Rythme"), rhythm)
        if one.start and one.start != plan.period.start:
            yield Fact("forms", one.id, one.title, gettext("À partir du"), _day(one.start))
        yield Fact("forms", one.id, one.title, gettext("Pour"), purpose_said(one.purpose) or gettext("autre"))
        who = respondent_said(one.respondent) if one.respondent else gettext("demandé sur la boîte")
        of = gettext("de soi-même, proche") if one.about_relative else ""
        yield Fact("forms", one.id, one.title, gettext("Qui répond"), ", ".join(filter(None, [who, of])))


def _follow_ups(plan: UnfinishedPlan, names: Names, titles: dict[str, str]) -> Iterator[Fact]:
    for one in plan.follow_ups:
        form = names.forms.get(one.questionnaire, one.questionnaire)
        yield Fact("follow-ups", one.id, one.title, gettext("Questionnaire"), form)
        after = ", ".join(titles.get(name, name) for name in one.requests) or gettext("tous les soins")
        yield Fact("follow-ups", one.id, one.title, gettext("Après"), after)
        when = gettext("%(days)s, pas avant %(hour)s") % {
            "days": days_said(one.days),
            "hour": hour_said(one.not_before),
        }
        yield Fact("follow-ups", one.id, one.title, gettext("Quand"), when)
        who = respondent_said(one.respondent) if one.respondent else gettext("demandé sur la boîte")
        yield Fact("follow-ups", one.id, one.title, gettext("Qui répond"), who)


def _lessons(plan: UnfinishedPlan, names: Names) -> Iterator[Fact]:
    for one in plan.education:
        title = one.title or one.id
        pages = gettext("version %(version)s, %(n)s pages") % {"version": one.version, "n": len(one.pages)}
        yield Fact("lessons", one.id, title, gettext("Leçon"), pages)
        back = names.forms.get(one.read_back, one.read_back) or gettext("rien")
        yield Fact("lessons", one.id, title, gettext("Demandé à la fin"), back)


def _period(period: PeriodDraft) -> str:
    return gettext("du %(start)s au %(end)s") % {"start": _day(period.start), "end": _day(period.end)}


def _day(day: dt.date) -> str:
    return formats.date_format(day, "j N Y" if (get_language() or "fr").startswith("fr") else "j M Y")


def _yes(told: bool) -> str:  # noqa: FBT001  # a yes is what is said
    return gettext("oui") if told else gettext("non")


# As a page shows it

SHORT_FACTS = 6


@dataclass(frozen=True)
class Told:
    """One care, form, rule or lesson with its facts."""

    subject: str
    name: str
    facts: tuple[tuple[str, str], ...]

    @property
    def short(self) -> str:
        """On one line, what one looks for first."""
        return " · ".join(said for _, said in self.facts[:SHORT_FACTS] if "\n" not in said)


@dataclass(frozen=True)
class ToldPart:
    code: str
    words: str
    subjects: tuple[Told, ...]


def told_parts(facts: tuple[Fact, ...]) -> tuple[ToldPart, ...]:
    return tuple(ToldPart(part, part_said(part), _subjects(facts, part)) for part in PARTS)


def _subjects(facts: tuple[Fact, ...], part: str) -> tuple[Told, ...]:
    names = {fact.subject: fact.name for fact in facts if fact.part == part}
    return tuple(
        Told(subject, name, tuple((f.what, f.said) for f in facts if (f.part, f.subject) == (part, subject)))
        for subject, name in names.items()
    )
