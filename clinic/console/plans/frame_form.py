"""The frame of a draft, as a form: dates, place, what the box offers, the code, the pharmacy."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from msgspec import convert
from msgspec.structs import replace

from clinic.console.plans.fields import DayField, LineField
from clinic.console.plans.plan_words import code_said, locked_said
from clinic.plans.codes import access_code
from clinic.plans.plan_draft import CodeDraft, PeriodDraft
from clinic.plans.unfinished import UnfinishedPlan
from mqtt_bridge.contract.care import Locked, Pharmacy
from mqtt_bridge.contract.codec import ContractError

LOCKED = ("care", "messages", "answers", "garden")
SECRET_MAX = 100
ZONES = (
    "Europe/Paris", "America/Cayenne", "America/Guadeloupe", "America/Martinique", "America/Miquelon", "Indian/Mayotte",
    "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis", "Europe/Brussels", "Europe/Luxembourg",
    "Europe/Zurich",
)  # fmt: skip
"""Where a box of ours stands; a plan's file may name any other, and it stays."""


class FrameForm(forms.Form):
    start = DayField(label=gettext_lazy("Premier jour"))
    end = DayField(label=gettext_lazy("Dernier jour (compris)"))
    place = forms.ChoiceField(
        label=gettext_lazy("Lieu de vie"),
        help_text=gettext_lazy("La boîte dit comment appeler du secours : la sonnette, ou le 15 et le 112."),
        widget=forms.RadioSelect,
    )
    sensitive = forms.BooleanField(
        label=gettext_lazy("Oreilles sensibles : 75 dBA pendant 40 h par semaine au lieu de 80"), required=False
    )
    eyes_closed = forms.BooleanField(
        label=gettext_lazy("Les yeux fermés : tout est dit, le bouton suffit"), required=False
    )
    still = forms.BooleanField(label=gettext_lazy("Écran immobile"), required=False)
    garden = forms.BooleanField(label=gettext_lazy("Montrer « Mon jardin »"), required=False)
    messages = forms.BooleanField(label=gettext_lazy("La personne peut écrire à l’équipe"), required=False)
    pharmacy = LineField(
        label=gettext_lazy("Pharmacie choisie par la personne"),
        help_text=gettext_lazy("Sans pharmacie, la boîte ne propose pas de livraison."),
        max_length=90,
        required=False,
    )
    code_kind = forms.ChoiceField(label=gettext_lazy("Code de la personne"), widget=forms.RadioSelect, required=False)
    secret = forms.CharField(
        label=gettext_lazy("Nouveau code"),
        help_text=gettext_lazy(
            "4 à 6 chiffres, ou 3 ou 4 images séparées par des espaces : soleil, bateau, chat, maison, arbre, clé, "
            "fleur, oiseau, étoile, poisson, tasse, parapluie. Seule son empreinte est gardée."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=SECRET_MAX,
        required=False,
    )
    locked = forms.MultipleChoiceField(
        label=gettext_lazy("Le code est demandé pour"),
        help_text=gettext_lazy("Sur une boîte partagée, il est demandé pour tout."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Fuseau horaire de la boîte"))

    def __init__(self, plan: UnfinishedPlan, data: Any = None) -> None:
        self._was = plan
        super().__init__(data, initial=_initial(plan))
        zones = list(dict.fromkeys((plan.time_zone, *ZONES)))
        codes = [("", gettext("aucun")), ("pin", code_said("pin")), ("pictures", code_said("pictures"))]
        for name, options in (
            ("place", [("establishment", gettext("en établissement")), ("home", gettext("à la maison"))]),
            ("code_kind", codes),
            ("locked", [(one, locked_said(one)) for one in LOCKED]),
            ("time_zone", [(zone, zone) for zone in zones]),
        ):
            self.fields[name].choices = options  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("start") and told.get("end") and told["start"] > told["end"]:
            self.add_error("end", gettext("La fin est avant le début."))
        told["code"] = self._code(told)
        if told.get("locked") and not told.get("code_kind"):
            self.add_error("locked", gettext("Donnez d’abord un code à la personne."))
        return told

    def _code(self, told: dict[str, Any]) -> CodeDraft | None:
        """The one that was, unless a new one was typed. What was typed is not kept, its digest is."""
        kind, secret, was = told.get("code_kind"), told.get("secret", ""), self._was.code
        if not kind:
            return None
        if not secret and was is not None and was.kind == kind:
            return was
        try:
            made = access_code(CodeDraft(kind=kind, secret=secret))
        except ContractError:
            words = {
                "pin": gettext("Un code de 4 à 6 chiffres."),
                "pictures": gettext("3 ou 4 images de la liste, séparées par des espaces."),
            }
            self.add_error("secret", words[kind])
            return None
        return CodeDraft(kind=made.kind, digest=made.digest, length=made.length)

    def changed(self, plan: UnfinishedPlan) -> UnfinishedPlan:
        """Of a form that is valid."""
        told = self.cleaned_data
        return replace(
            plan,
            period=PeriodDraft(told["start"], told["end"]),
            place=told["place"],
            sensitive=told["sensitive"],
            eyes_closed=told["eyes_closed"],
            still=told["still"],
            garden=told["garden"],
            messages=told["messages"],
            pharmacy=Pharmacy(name=told["pharmacy"]) if told["pharmacy"] else None,
            code=told["code"],
            locked=tuple(convert(one, Locked) for one in told["locked"]),
            time_zone=told["time_zone"],
        )


def frame_of(plan: UnfinishedPlan) -> object:
    """What of the plan this form shows."""
    return (
        plan.period, plan.place, plan.sensitive, plan.eyes_closed, plan.still, plan.garden, plan.messages,
        plan.pharmacy, plan.code, plan.locked, plan.time_zone,
    )  # fmt: skip


def _initial(plan: UnfinishedPlan) -> dict[str, Any]:
    return {
        "start": plan.period.start,
        "end": plan.period.end,
        "place": plan.place,
        "sensitive": plan.sensitive,
        "eyes_closed": plan.eyes_closed,
        "still": plan.still,
        "garden": plan.garden,
        "messages": plan.messages,
        "pharmacy": plan.pharmacy.name if plan.pharmacy else "",
        "code_kind": plan.code.kind if plan.code else "",
        "locked": list(plan.locked),
        "time_zone": plan.time_zone,
    }
