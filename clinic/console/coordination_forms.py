"""The forms of tasks and handovers: what is typed, checked before any rule is asked."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from clinic.console.forms import WhoField
from clinic.coordination.tasks import DONE_MAX, NOTE_MAX, REASON_MAX, those_who_may
from clinic.people.models import Patient, Practitioner

YEARS_AHEAD_MAX = 3


class TaskForm(forms.Form):
    """A task for one patient. `due`: local time, as the clinic's clock says it."""

    reason = forms.CharField(
        label=gettext_lazy("Ce qu’il y a à faire"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner = WhoField(
        label=gettext_lazy("Pour qui, dans l’équipe"),
        queryset=Practitioner.objects.none(),
        required=False,
        empty_label=gettext_lazy("personne en particulier"),
    )
    due = forms.DateTimeField(
        label=gettext_lazy("Échéance"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    urgent = forms.BooleanField(label=gettext_lazy("Urgent"), required=False)
    social = forms.BooleanField(
        label=gettext_lazy("Partie sociale"),
        help_text=gettext_lazy("Les travailleurs sociaux de l’équipe la lisent : rien de la santé n’y est écrit."),
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("Précisions"),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, patient: Patient, *args: Any, only_social: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patient, self._only_social = patient, only_social
        field = self.fields["owner"]
        if isinstance(field, WhoField):
            field.queryset = those_who_may(patient, social=True)
        if only_social:
            del self.fields["social"]

    def clean_due(self) -> dt.datetime | None:
        due: dt.datetime | None = self.cleaned_data["due"]
        if due is not None and not dt.timedelta(0) < due - timezone.now() < dt.timedelta(days=366 * YEARS_AHEAD_MAX):
            raise forms.ValidationError(gettext("L’échéance est passée, ou trop lointaine."))
        return due

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["social"] = self._only_social or bool(cleaned.get("social"))
        owner = cleaned.get("owner")
        allowed = those_who_may(self._patient, social=cleaned["social"])
        if owner is not None and not allowed.filter(pk=owner.pk).exists():
            self.add_error("owner", gettext("Cette personne ne lit pas la santé : cochez « Partie sociale »."))
        return cleaned

    @property
    def due_ms(self) -> int | None:
        due: dt.datetime | None = self.cleaned_data.get("due")
        return int(due.timestamp() * 1000) if due else None


class EndForm(forms.Form):
    done = forms.CharField(
        label=gettext_lazy("Ce qui a été fait"),
        help_text=gettext_lazy("Cela reste au dossier."),
        max_length=DONE_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class HandToForm(forms.Form):
    to = WhoField(label=gettext_lazy("Confier à"), queryset=Practitioner.objects.none())

    def __init__(self, patient: Patient, *args: Any, social: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        if isinstance(field, WhoField):
            field.queryset = those_who_may(patient, social=social)
