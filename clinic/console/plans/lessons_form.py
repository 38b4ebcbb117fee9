"""The lessons of a draft: those of the library that are chosen, as they are now, and those that it has already."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from msgspec.structs import replace

from clinic.console.plans.plan_words import slug
from clinic.plans.beginning import free_id, lesson_draft
from clinic.plans.library import lessons_listed
from clinic.plans.plan_draft import EducationDraft
from clinic.plans.unfinished import UnfinishedPlan

LESSONS_MAX = 20
KEPT = "kept:"
"""Before the id of a lesson that the draft holds: its pages stay as they were attributed."""


class LessonsForm(forms.Form):
    lessons = forms.MultipleChoiceField(
        label=gettext_lazy("Leçons de la personne"),
        help_text=gettext_lazy("Lues page à page sur la boîte, puis redites avec les mots de la personne."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, plan: UnfinishedPlan, data: Any = None) -> None:
        self._kept = {f"{KEPT}{one.id}": one for one in plan.education}
        super().__init__(data, initial={"lessons": list(self._kept)})
        have = {(one.title, one.version) for one in plan.education}
        kept = [(key, _named(one)) for key, one in self._kept.items()]
        new = [
            (canonical, f"{title} · {gettext('version')} {canonical.rpartition('|')[2]}")
            for canonical, title in lessons_listed().items()
            if (title, _number(canonical)) not in have
        ]
        self.fields["lessons"].choices = [*kept, *new]  # type: ignore[attr-defined]

    def clean_lessons(self) -> list[str]:
        told: list[str] = self.cleaned_data["lessons"]
        if len(told) > LESSONS_MAX:
            raise forms.ValidationError(gettext("%(n)s leçons au plus.") % {"n": LESSONS_MAX})
        return told

    def changed(self, plan: UnfinishedPlan) -> UnfinishedPlan:
        """Of a form that is valid. Raises ContractError: a lesson is gone from the library meanwhile."""
        chosen = self.cleaned_data["lessons"]
        made: list[EducationDraft] = [self._kept[key] for key in chosen if key in self._kept]
        taken = {one.id for one in made} | {one.id for one in plan.forms} | {one.id for one in plan.follow_ups}
        for canonical in chosen:
            if canonical not in self._kept:
                named = lesson_draft(canonical, "lesson")
                name = free_id(slug(named.title or "lecon"), taken)
                taken.add(name)
                made.append(replace(named, id=name))
        return replace(plan, education=tuple(made))


def _named(one: EducationDraft) -> str:
    return f"{one.title} · {gettext('version')} {one.version}"


def _number(canonical: str) -> int:
    version = canonical.rpartition("|")[2]
    return int(version) if version.isascii() and version.isdecimal() else 0
