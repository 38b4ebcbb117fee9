"""Whom a box is lent to, chosen among the reader's own patients."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from clinic.console.suitability_words import newest_said
from clinic.people.models import Patient
from clinic.suitability.assessing import Newest


class LongSelect(forms.Select):
    """For hundreds of choices: Django renders a template of its own for each, which takes longer than all else."""

    template_name = "console/long_select.html"


class PatientField(forms.ModelChoiceField):  # type: ignore[type-arg]  # subscripted only in its stubs
    places: Mapping[str, Newest] = MappingProxyType({})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": gettext_lazy("choisir"), **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        """With what was last found where the box is to stand, or that nobody has looked: it forbids nothing."""
        place = newest_said(self.places.get(obj.pk))
        return gettext("%(name)s — lieu : %(place)s") % {"name": f"{obj.family} {obj.given}", "place": place}


class LendForm(forms.Form):
    """A box for one of the reader's own patients."""

    patient = PatientField(label=gettext_lazy("Pour qui"), queryset=Patient.objects.none(), widget=LongSelect)
    box = forms.CharField(
        label=gettext_lazy("Nom de la boîte"),
        help_text=gettext_lazy("Comme sur son étiquette : lettres sans accent, chiffres, tiret. Vide : le suivant."),
        max_length=64,
        required=False,
    )

    def offer(self, patients: Any, places: Mapping[str, Newest]) -> None:
        field = self.fields["patient"]
        if isinstance(field, PatientField):
            field.queryset, field.places = patients.only("family", "given"), places
