"""The forms of a record's first page: what is typed, checked before any rule is asked."""

from typing import Any

import msgspec
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from clinic.console.record_words import (
    choices,
    contraindication_said,
    gender_said,
    hearing_aids_said,
    identity_said,
    lives_said,
    pathway_said,
    protection_said,
    relationship_said,
)
from clinic.people import ins
from clinic.people.contraindications import Contraindications
from clinic.people.models import (
    Establishment,
    Flag,
    Gender,
    HearingAids,
    IdentityStatus,
    LegalProtection,
    Lives,
    Pathway,
    Relationship,
)
from mqtt_bridge.contract.codec import Line

WITH_INS = (IdentityStatus.RETRIEVED, IdentityStatus.QUALIFIED)
_YEAR_MIN = 1890


class VersionedForm(forms.Form):
    """`version`: what was shown when the form was made, so that nobody writes over what they have not seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "consent_how")}


def _not_known() -> str:
    return gettext("pas renseigné")


class IdentityForm(VersionedForm):
    given = forms.CharField(label=gettext_lazy("Prénom"), max_length=100, required=False)
    family = forms.CharField(label=gettext_lazy("Nom, ou pseudonyme"), max_length=100)
    address_as = forms.CharField(
        label=gettext_lazy("Comment l’appeler"),
        help_text=gettext_lazy(
            "Comme la personne l’a choisi : « Madame Martin ». La boîte le dira au prochain plan signé."
        ),
        max_length=90,
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Date de naissance"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    gender = forms.ChoiceField(
        label=gettext_lazy("Sexe"), required=False, choices=lambda: choices(Gender.values, gender_said, _not_known())
    )
    identity_status = forms.ChoiceField(
        label=gettext_lazy("État de l’identité"),
        help_text=gettext_lazy(
            "Qualifiée : récupérée par le téléservice INSi et contrôlée sur une pièce d’identité de haut niveau de "
            "confiance. Chevet n’est pas relié au téléservice : notez ce qui a été fait ailleurs."
        ),
        choices=lambda: choices(IdentityStatus.values, identity_said),
    )
    ins = forms.CharField(
        label=gettext_lazy("Matricule INS"),
        help_text=gettext_lazy("Quinze caractères, la clé comprise."),
        max_length=30,
        required=False,
    )
    ins_oid = forms.ChoiceField(
        label=gettext_lazy("Registre de l’INS (OID)"),
        required=False,
        choices=lambda: [("", _not_known()), *((oid, f"{said} — {oid}") for oid, said in _registers())],
    )
    pathway = forms.ChoiceField(
        label=gettext_lazy("Parcours"),
        required=False,
        choices=lambda: choices(Pathway.values, pathway_said, _not_known()),
    )
    hearing_aids = forms.ChoiceField(
        label=gettext_lazy("Appareils auditifs"),
        required=False,
        choices=lambda: choices(HearingAids.values, hearing_aids_said, _not_known()),
    )
    hearing_note = forms.CharField(
        label=gettext_lazy("Précision sur l’audition"),
        help_text=gettext_lazy("Par exemple : ôter les appareils avant de poser le casque."),
        max_length=300,
        required=False,
    )

    def clean_address_as(self) -> str:
        typed: str = self.cleaned_data["address_as"]
        try:
            return msgspec.convert(typed, Line)
        except msgspec.ValidationError as error:
            raise forms.ValidationError(gettext("La boîte ne peut pas montrer ces signes.")) from error

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born is not None and (born.year < _YEAR_MIN or born > timezone.localdate()):
            raise forms.ValidationError(gettext("Cette date n’est pas une date de naissance."))
        return born

    def clean_ins(self) -> str:
        return ins.tidy(self.cleaned_data["ins"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        status = cleaned.get("identity_status")
        if status == IdentityStatus.PSEUDONYM and cleaned.get("given"):
            self.add_error("given", gettext("Sous un pseudonyme, laissez le prénom vide."))
        if status != IdentityStatus.PSEUDONYM and not cleaned.get("given"):
            self.add_error("given", gettext("Écrivez le prénom, ou choisissez l’état « pseudonyme »."))
        self._check_ins(cleaned, str(status))
        return cleaned

    def _check_ins(self, cleaned: dict[str, Any], status: str) -> None:
        matricule, oid = cleaned.get("ins", ""), cleaned.get("ins_oid", "")
        if not matricule and not oid:
            if status == IdentityStatus.QUALIFIED:
                self.add_error("ins", gettext("Une identité qualifiée porte son INS."))
            return
        if status not in WITH_INS:
            self.add_error("ins", gettext("L’INS ne va qu’avec une identité récupérée ou qualifiée."))
            return
        fault = ins.fault_of(matricule, oid, invented_people=settings.DEMONSTRATION)
        if fault is not None:
            self.add_error("ins_oid" if fault in ("oid", "invented") else "ins", _fault_said(fault))


def _registers() -> list[tuple[str, str]]:
    if settings.DEMONSTRATION:
        return [(ins.TEST, gettext("INS de test")), (ins.DEMONSTRATION, gettext("INS de démonstration"))]
    return [(ins.NIR, gettext("INS-NIR")), (ins.NIA, gettext("INS-NIA"))]


def _fault_said(fault: ins.Fault) -> str:
    words: dict[ins.Fault, str] = {
        "form": gettext("Un matricule INS a treize caractères et une clé de deux chiffres."),
        "key": gettext("La clé ne va pas avec le matricule : vérifiez chaque chiffre."),
        "oid": gettext("Dites de quel registre vient l’INS."),
        "invented": gettext("Ce registre ne va pas avec ce centre."),
    }
    return words[fault]


class SocialForm(VersionedForm):
    lives = forms.ChoiceField(
        label=gettext_lazy("Lieu de vie"),
        required=False,
        choices=lambda: choices(Lives.values, lives_said, _not_known()),
    )
    establishment = forms.ModelChoiceField(
        label=gettext_lazy("Établissement"),
        queryset=Establishment.objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("sans établissement"),
    )
    consent_how = forms.CharField(
        label=gettext_lazy("Accord du patient, s’il change d’établissement"),
        help_text=gettext_lazy(
            "Ceux de son équipe qui n’y travaillent pas ne le suivent encore qu’avec son accord : qui l’a donné, et "
            "comment."
        ),
        max_length=500,
        required=False,
    )
    room = forms.CharField(label=gettext_lazy("Chambre ou lieu"), max_length=100, required=False)
    address = forms.CharField(label=gettext_lazy("Adresse"), max_length=300, required=False)
    phone = forms.CharField(label=gettext_lazy("Téléphone"), max_length=40, required=False)
    legal_protection = forms.ChoiceField(
        label=gettext_lazy("Protection juridique"),
        help_text=gettext_lazy("Qui représente la personne se note parmi les proches."),
        required=False,
        choices=lambda: choices(LegalProtection.values, protection_said, _not_known()),
    )
    social_note = forms.CharField(
        label=gettext_lazy("Note sociale"),
        help_text=gettext_lazy("Un travailleur social la lit : n’écrivez ici rien de la santé."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RelatedPersonForm(VersionedForm):
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=200)
    relationship = forms.ChoiceField(
        label=gettext_lazy("Lien avec la personne"), choices=lambda: choices(Relationship.values, relationship_said)
    )
    phone = forms.CharField(label=gettext_lazy("Téléphone"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("Courriel"), max_length=200, required=False)
    reach = forms.CharField(
        label=gettext_lazy("Quand et comment joindre"),
        help_text=gettext_lazy("Par exemple : le soir, après 18 h."),
        max_length=300,
        required=False,
    )
    main_caregiver = forms.BooleanField(
        label=gettext_lazy("Aidant principal : porte le soin au quotidien"), required=False
    )
    trusted_person = forms.BooleanField(label=gettext_lazy("Personne de confiance"), required=False)
    trusted_how = forms.CharField(
        label=gettext_lazy("Écrit de désignation"),
        help_text=gettext_lazy("La personne désigne par écrit (L.1111-6) : dites quand, et où se trouve l’écrit."),
        max_length=300,
        required=False,
    )
    legal_representative = forms.BooleanField(
        label=gettext_lazy("Représentant légal : tuteur, curateur, mandataire"), required=False
    )
    emergency_contact = forms.BooleanField(label=gettext_lazy("À prévenir en cas d’urgence"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("trusted_person") and not cleaned.get("trusted_how", "").strip():
            self.add_error("trusted_how", gettext("Dites où se trouve l’écrit qui désigne cette personne."))
        return cleaned


class PrecautionsForm(forms.Form):
    """Each contraindication: asked or not, and what is to be known of it. `last`: the last word when it was shown."""

    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, told: Contraindications, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, flag in told.items():
            self.fields[code] = forms.ChoiceField(
                label=contraindication_said(code).capitalize(),
                choices=_answers(asked=flag is not None),
                widget=forms.RadioSelect(attrs={"class": "beside"}),
                initial="" if flag is None else "yes" if flag.present else "no",
                required=False,
            )
            self.fields[f"{code}-note"] = forms.CharField(
                label=gettext("Précision : %(what)s") % {"what": contraindication_said(code)},
                max_length=300,
                required=False,
                initial=flag.note if flag else "",
            )

    def answers(self) -> list[tuple[Flag.Code, bool, str]]:
        """Those that were answered: which, whether the patient has it, and the words."""
        given = self.cleaned_data
        return [
            (code, given[code.value] == "yes", given[f"{code.value}-note"]) for code in Flag.Code if given[code.value]
        ]


def _answers(*, asked: bool) -> list[tuple[str, str]]:
    told = [("yes", gettext("oui, présente")), ("no", gettext("non, écartée"))]
    return told if asked else [*told, ("", gettext("pas encore demandé"))]
