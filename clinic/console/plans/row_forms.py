"""The parts of a draft that are rows: questionnaires at a rhythm, days after a care, needs of the moment, lessons."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from msgspec import convert
from msgspec.structs import replace

from clinic.console.plans.fields import DayField, DaysField, HourField, LineField
from clinic.console.plans.plan_words import moment_said, purposes, respondents, slug
from clinic.plans.beginning import free_id
from clinic.plans.plan_draft import TITLE_MAX, FormDraft
from clinic.plans.unfinished import UnfinishedPlan
from mqtt_bridge.contract.need import HELP, Condition, NeedRule
from mqtt_bridge.contract.schedule import FollowUp

CONDITIONS_MAX, CONDITIONS_SHOWN = 5, 2
NOT_BEFORE = "08:00"


@dataclass(frozen=True)
class Offered:
    """What the rows can name: forms (titles by canonical), cares (titles by id), and what the forms ask (by linkId)."""

    forms: dict[str, str]
    cares: dict[str, str]
    items: dict[str, str]


class RowForm(forms.Form):
    """One row. `id` stays what it was, so that what follows a form or a rule follows it on."""

    id = forms.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", required=False, widget=forms.HiddenInput, max_length=64
    )

    def __init__(self, offered: Offered, *args: Any, **kwargs: Any) -> None:
        self.offered = offered
        super().__init__(*args, **kwargs)
        self.fill()

    def fill(self) -> None:
        """The choices of the fields."""

    def _choose(self, name: str, options: Iterable[tuple[str, str]]) -> None:
        self.fields[name].choices = list(options)  # type: ignore[attr-defined]


class FormRow(RowForm):
    title = LineField(label=gettext_lazy("Nom sur l’écran"), max_length=TITLE_MAX)
    questionnaire = forms.ChoiceField(label=gettext_lazy("Questionnaire"))
    purpose = forms.ChoiceField(label=gettext_lazy("Pour"), initial="monitoring")
    every_days = forms.IntegerField(label=gettext_lazy("Tous les … jours"), min_value=1, max_value=366, initial=7)
    open_days = forms.IntegerField(label=gettext_lazy("Reste possible … jours"), min_value=1, max_value=366, initial=3)
    start = DayField(
        label=gettext_lazy("Premier jour"), help_text=gettext_lazy("Vide : le premier jour du plan."), required=False
    )
    respondent = forms.ChoiceField(label=gettext_lazy("Qui répond"), required=False)
    about_relative = forms.BooleanField(
        label=gettext_lazy("Le proche répond pour lui-même : jamais mêlé aux réponses du patient"), required=False
    )

    def fill(self) -> None:
        self._choose("questionnaire", [("", "—"), *self.offered.forms.items()])
        self._choose("purpose", purposes())
        self._choose("respondent", respondents())

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("about_relative") and told.get("respondent") != "relative":
            self.add_error("respondent", gettext("Un questionnaire du proche est répondu par le proche."))
        return told


class FollowUpRow(RowForm):
    title = LineField(label=gettext_lazy("Nom sur l’écran"), max_length=TITLE_MAX)
    questionnaire = forms.ChoiceField(label=gettext_lazy("Questionnaire"))
    days = DaysField(
        label=gettext_lazy("Jours après le soin"),
        help_text=gettext_lazy("1 est le lendemain : « 1, 3 »."),
        max_length=60,
    )
    requests = forms.MultipleChoiceField(
        label=gettext_lazy("Après quels soins"),
        help_text=gettext_lazy("Aucun coché : après tous."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    not_before = HourField(label=gettext_lazy("Pas avant"), initial=NOT_BEFORE)
    respondent = forms.ChoiceField(label=gettext_lazy("Qui répond"), required=False)

    def fill(self) -> None:
        self._choose("questionnaire", [("", "—"), *self.offered.forms.items()])
        self._choose("requests", self.offered.cares.items())
        self._choose("respondent", respondents())


class NeedRow(RowForm):
    """Conditions stand on lines of their own; one that names no item is none."""

    moment = forms.ChoiceField(label=gettext_lazy("Quand regarder les réponses"), initial="before")
    offer = forms.ChoiceField(label=gettext_lazy("La boîte propose"), initial=HELP)
    reason = LineField(
        label=gettext_lazy("Raison dite à la personne"),
        help_text=gettext_lazy("Une phrase : « Votre angoisse est forte. Un soin court peut aider. »"),
        max_length=90,
    )

    def fill(self) -> None:
        self._choose("moment", [(one, moment_said(one)) for one in ("before", "after", "both")])
        self._choose("offer", [(HELP, gettext("prévenir un soignant")), *self.offered.cares.items()])
        known = len(self.initial.get("conditions", ())) + 1
        typed = sum(f"{self.prefix}-item_{at}" in self.data for at in range(CONDITIONS_MAX))
        self.count = typed if self.is_bound and typed else min(CONDITIONS_MAX, max(CONDITIONS_SHOWN, known))
        items = [("", "—"), *self.offered.items.items()]
        for at in range(self.count):
            self.fields[f"item_{at}"] = forms.ChoiceField(
                label=gettext("Réponse regardée"), choices=items, required=False
            )
            for name, words, least in (
                ("at_least", gettext("au moins"), 0),
                ("at_most", gettext("au plus"), 0),
                ("risen_by", gettext("montée d’au moins"), 1),
            ):
                self.fields[f"{name}_{at}"] = forms.IntegerField(
                    label=words, min_value=least, max_value=10, required=False
                )

    @property
    def conditions(self) -> list[list[Any]]:
        """The fields of each line."""
        names = ("item", "at_least", "at_most", "risen_by")
        return [[self[f"{name}_{at}"] for name in names] for at in range(self.count)]

    @property
    def plain(self) -> list[Any]:
        """The other fields."""
        return [self[name] for name in ("moment", "offer", "reason")]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        made = [self._condition(at, told) for at in range(self.count) if told.get(f"item_{at}")]
        if not made and not any(f"item_{at}" in self.errors for at in range(self.count)):
            self.add_error("item_0", gettext("Choisissez au moins une réponse à regarder."))
        told["conditions"] = tuple(made)
        return told

    def _condition(self, at: int, told: dict[str, Any]) -> Condition:
        least, most, risen = (told.get(f"{name}_{at}") for name in ("at_least", "at_most", "risen_by"))
        if least is None and most is None and risen is None:
            self.add_error(f"at_least_{at}", gettext("Donnez au moins un nombre."))
        if least is not None and most is not None and least > most:
            self.add_error(f"at_most_{at}", gettext("Plus petit que « au moins »."))
        if risen is not None and told.get("moment") != "after":
            self.add_error(f"risen_by_{at}", gettext("On ne sait qu’après un soin si une réponse a monté."))
        return Condition(item=told[f"item_{at}"], at_least=least, at_most=most, risen_by=risen)


@dataclass(frozen=True)
class Rows:
    """A part that is rows: its form, and the way to and from the draft.

    A blank row is left out: it is as its fields' `initial` has it.
    """

    form: type[RowForm]
    most: int
    of: Callable[[UnfinishedPlan], tuple[Any, ...]]
    shown: Callable[[Any], dict[str, Any]]
    made: Callable[[dict[str, Any], str], Any]
    put: Callable[[UnfinishedPlan, tuple[Any, ...]], UnfinishedPlan]
    named: str = "title"

    def formset(self, plan: UnfinishedPlan, offered: Offered, data: Any = None, *, extra: int = 0) -> Any:
        """The rows that there are, and `extra` blank ones (one, where there is none)."""
        kept = [self.shown(one) for one in self.of(plan)] if data is None else []
        made = forms.formset_factory(
            self.form,
            extra=extra if kept or extra else 1,
            can_delete=True,
            max_num=self.most,
            validate_max=True,
            absolute_max=self.most + 1,
        )
        return made(data, initial=kept, prefix="rows", form_kwargs={"offered": offered})

    def blank(self) -> dict[str, str]:
        """What the fields of a blank row hold."""
        fields = self.form.base_fields.items()
        return {name: str(field.initial) for name, field in fields if field.initial is not None}

    def changed(self, plan: UnfinishedPlan, formset: Any) -> UnfinishedPlan:
        """Of a formset that is valid."""
        told = [one.cleaned_data for one in formset.forms if one.cleaned_data and one not in formset.deleted_forms]
        taken: list[str] = [row["id"] for row in told if row.get("id")]
        made = []
        for row in told:
            name = row.get("id") or free_id(slug(row[self.named]), taken)
            taken.append(name)
            made.append(self.made(row, name))
        return self.put(plan, tuple(made))


def _form_shown(one: FormDraft) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, "questionnaire": one.questionnaire, "purpose": one.purpose,
        "every_days": one.every_days, "open_days": one.open_days, "start": one.start,
        "respondent": one.respondent or "", "about_relative": one.about_relative,
    }  # fmt: skip


def _form_made(row: dict[str, Any], name: str) -> FormDraft:
    told = {key: row[key] for key in ("title", "questionnaire", "purpose", "every_days", "open_days", "start")}
    return convert(
        {**told, "id": name, "respondent": row["respondent"] or None, "about_relative": row["about_relative"]},
        FormDraft,
    )


def _follow_up_shown(one: FollowUp) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, "questionnaire": one.questionnaire, "days": ", ".join(map(str, one.days)),
        "requests": list(one.requests), "not_before": one.not_before, "respondent": one.respondent or "",
    }  # fmt: skip


def _follow_up_made(row: dict[str, Any], name: str) -> FollowUp:
    told = {key: row[key] for key in ("title", "questionnaire", "days", "requests", "not_before")}
    return convert({**told, "id": name, "respondent": row["respondent"] or None}, FollowUp)


def _need_shown(rule: NeedRule) -> dict[str, Any]:
    lines: dict[str, Any] = {}
    for at, one in enumerate(rule.conditions):
        lines |= {f"item_{at}": one.item, f"at_least_{at}": one.at_least, f"at_most_{at}": one.at_most}
        lines[f"risen_by_{at}"] = one.risen_by
    told = {"id": rule.id, "moment": rule.moment, "offer": rule.offer, "reason": rule.reason}
    return {**told, **lines, "conditions": rule.conditions}


def _need_made(row: dict[str, Any], name: str) -> NeedRule:
    return convert(
        {"id": name, "moment": row["moment"], "offer": row["offer"], "reason": row["reason"]}
        | {"conditions": [{k: getattr(c, k) for k in c.__struct_fields__} for c in row["conditions"]]},
        NeedRule,
    )


ROWS: dict[str, Rows] = {
    "forms": Rows(
        FormRow, 10, lambda plan: plan.forms, _form_shown, _form_made,
        lambda plan, made: replace(plan, forms=made),
    ),
    "follow-ups": Rows(
        FollowUpRow, 10, lambda plan: plan.follow_ups, _follow_up_shown, _follow_up_made,
        lambda plan, made: replace(plan, follow_ups=made),
    ),
    "needs": Rows(
        NeedRow, 20, lambda plan: plan.needs, _need_shown, _need_made,
        lambda plan, made: replace(plan, needs=made), named="reason",
    ),
}  # fmt: skip
