"""The forms about people: what is typed, checked before any rule is asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from clinic.console.bedside_words import delivery_said
from clinic.console.plans.fields import LineField
from clinic.console.ready_answers import ready_choices
from clinic.console.role_words import asker_said, role_said, roles
from clinic.correspondence.delivering import NOTE_MAX
from clinic.correspondence.messaging import PARAGRAPH_MAX, PARAGRAPHS_MAX, REPLIES_MAX, REPLY_MAX, as_shown
from clinic.correspondence.models import Delivery
from clinic.people.admission import WORDS_MAX
from clinic.people.emergency import REASON_MAX
from clinic.people.may import What, roles_that_may
from clinic.people.models import Asker, Establishment, Practitioner, Team


def _area(length_max: int, rows: int = 3) -> dict[str, Any]:
    return {"max_length": length_max, "widget": forms.Textarea(attrs={"rows": rows})}


def named(practitioner: Practitioner) -> str:
    """« Claire Moreau, infirmière », in a list to choose from."""
    return f"{practitioner.given} {practitioner.family}, {practitioner.role_shown}"


class WhoField(forms.ModelChoiceField):  # type: ignore[type-arg]  # subscripted only in its stubs
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": gettext_lazy("choisir"), **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return named(obj)


def _those_who_may(what: What) -> Any:
    found = Practitioner.objects.filter(is_active=True, role__in=roles_that_may(what))
    return found.order_by("family", "given", "pk")


class Identified(forms.Form):
    """A new account's name."""

    username = forms.RegexField(
        r"^[A-Za-z0-9._-]{1,64}\Z",
        label=gettext_lazy("Nom d’utilisateur"),
        help_text=gettext_lazy("Lettres sans accent, chiffres, point, tiret. Il ne change plus ensuite."),
        max_length=64,
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].lower()
        if Practitioner.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(gettext("Ce nom d’utilisateur est pris."))
        return username


class PersonForm(forms.Form):
    given = LineField(label=gettext_lazy("Prénom"), help_text=gettext_lazy("Les patients le lisent."), max_length=90)
    family = forms.CharField(label=gettext_lazy("Nom"), max_length=100)
    role = forms.ChoiceField(label=gettext_lazy("Rôle"), choices=roles)
    role_shown = LineField(
        label=gettext_lazy("Rôle, comme les patients le lisent"),
        help_text=gettext_lazy("Par exemple « infirmière »."),
        max_length=90,
    )
    teams = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Équipes"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["teams"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = Team.objects.select_related("establishment").order_by("establishment__name", "name")


class NewPersonForm(Identified, PersonForm):
    field_order = ("given", "family", "username", "role", "role_shown", "teams")


class EstablishmentForm(forms.ModelForm):  # type: ignore[type-arg]  # subscripted only in its stubs
    class Meta:
        model = Establishment
        fields = ("name",)
        labels = {"name": gettext_lazy("Nom de l’établissement")}  # noqa: RUF012


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ("establishment", "name")
        labels = {"establishment": gettext_lazy("Établissement"), "name": gettext_lazy("Nom de l’équipe")}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["establishment"].empty_label = gettext_lazy("choisir")  # type: ignore[attr-defined]


class RequestForm(forms.Form):
    """A request for somebody who is not in the record yet."""

    given = forms.CharField(label=gettext_lazy("Prénom du patient"), max_length=100)
    family = forms.CharField(label=gettext_lazy("Nom du patient"), max_length=100)
    address_as = LineField(
        label=gettext_lazy("Comment l’appeler"),
        help_text=gettext_lazy("Comme la personne l’a choisi : « Madame Martin »."),
        max_length=90,
    )
    room = forms.CharField(label=gettext_lazy("Chambre ou lieu"), max_length=100, required=False)
    establishment = forms.ModelChoiceField(
        label=gettext_lazy("Établissement"),
        queryset=Establishment.objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("sans établissement"),
    )


def _askers() -> list[tuple[str, str]]:
    return [(asker.value, asker_said(asker.value)) for asker in Asker]


class AskForm(forms.Form):
    """Who asks for the care, why, and which référent is to answer."""

    asker = forms.ChoiceField(label=gettext_lazy("Qui demande"), choices=_askers, widget=forms.RadioSelect)
    asker_name = forms.CharField(
        label=gettext_lazy("Nom et lien avec le patient"),
        help_text=gettext_lazy("Quand ce n’est pas le patient qui demande : « Anne Martin, sa fille »."),
        max_length=200,
        required=False,
    )
    words = forms.CharField(label=gettext_lazy("Pourquoi ce soin est demandé"), **_area(WORDS_MAX))
    asked_of = WhoField(label=gettext_lazy("Référent qui répondra"), queryset=Practitioner.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["asked_of"]
        if isinstance(field, WhoField):
            field.queryset = _those_who_may(What.DECIDE_ACCESS)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("asker") not in (None, Asker.PATIENT) and not cleaned.get("asker_name", "").strip():
            self.add_error("asker_name", gettext("Écrivez qui demande, et son lien avec le patient."))
        return cleaned


class NewRequestForm(AskForm, RequestForm):
    field_order = (
        "given", "family", "address_as", "room", "establishment", "asker", "asker_name", "words", "asked_of",
    )  # fmt: skip


class JoinForm(forms.Form):
    """Somebody for a patient's care team; with the patient's consent when they work elsewhere."""

    practitioner = WhoField(label=gettext_lazy("Qui"), queryset=Practitioner.objects.none())
    referring = forms.BooleanField(label=gettext_lazy("Référent"), required=False)
    how = forms.CharField(
        label=gettext_lazy("Accord du patient"),
        help_text=gettext_lazy(
            "Pour une personne hors de l’établissement : qui a donné l’accord, quand et comment. "
            "Sans accord, rien n’est partagé."
        ),
        required=False,
        **_area(500, 2),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["practitioner"]
        if isinstance(field, WhoField):
            field.queryset = _those_who_may(What.READ_SOCIAL)


class EmergencyForm(forms.Form):
    identifier = forms.CharField(
        label=gettext_lazy("Identifiant du dossier"),
        help_text=gettext_lazy("Ou bien le nom et le prénom, exactement."),
        max_length=64,
        required=False,
    )
    family = forms.CharField(label=gettext_lazy("Nom"), max_length=100, required=False)
    given = forms.CharField(label=gettext_lazy("Prénom"), max_length=100, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Raison"),
        help_text=gettext_lazy("Le référent du patient la lira, avec votre nom et l’heure."),
        **_area(REASON_MAX),
    )


class MessageForm(forms.Form):
    """A word to the patient, one of the team's ready ones or their own; the person's ready answers are one a line."""

    ready = forms.ChoiceField(
        label=gettext_lazy("Une phrase toute prête"),
        choices=ready_choices,
        required=False,
    )
    text = forms.CharField(
        required=False,
        label=gettext_lazy("Votre message"),
        help_text=gettext_lazy(
            "Des mots courts et connus. Chaque ligne devient un paragraphe, de 500 lettres au plus ; 10 au plus."
        ),
        **_area(PARAGRAPHS_MAX * PARAGRAPH_MAX, 4),
    )
    replies = forms.CharField(
        label=gettext_lazy("Réponses toutes prêtes"),
        help_text=gettext_lazy("Une par ligne, 6 au plus : « Oui », « Non », « Appelez-moi »."),
        required=False,
        **_area(REPLIES_MAX * (REPLY_MAX + 2), 3),
    )

    def clean(self) -> dict[str, Any]:
        """A ready answer comes first, what is typed beneath it. One of the two is enough."""
        cleaned = super().clean() or self.cleaned_data
        whole = "\n".join(filter(None, (cleaned.get("ready", ""), cleaned.get("text", ""))))
        if not whole and not self.errors:
            self.add_error("text", gettext("Écrivez un message, ou choisissez une réponse prête."))
        cleaned["text"] = whole
        self._hold_to_the_box(as_shown(whole.splitlines()), as_shown(cleaned.get("replies", "").splitlines()))
        return cleaned

    def _hold_to_the_box(self, paragraphs: tuple[str, ...], replies: tuple[str, ...]) -> None:
        """What its screen can show, said beside the field, with what is too long."""
        if len(paragraphs) > PARAGRAPHS_MAX:
            words = gettext("%(n)s paragraphes : la boîte en montre %(most)s. Faites deux messages.")
            self.add_error("text", words % {"n": len(paragraphs), "most": PARAGRAPHS_MAX})
        for one in filter(lambda one: len(one) > PARAGRAPH_MAX, paragraphs):
            words = gettext("%(n)s lettres d’un trait, %(most)s au plus : allez à la ligne dans « %(words)s… ».")
            self.add_error("text", words % {"n": len(one), "most": PARAGRAPH_MAX, "words": one[:30]})
        if len(replies) > REPLIES_MAX:
            words = gettext("%(n)s réponses : la boîte en montre %(most)s.")
            self.add_error("replies", words % {"n": len(replies), "most": REPLIES_MAX})
        for one in filter(lambda one: len(one) > REPLY_MAX, replies):
            words = gettext("« %(words)s » a %(n)s lettres : un bouton de la boîte en tient %(most)s.")
            self.add_error("replies", words % {"n": len(one), "most": REPLY_MAX, "words": one})


def _delivery_states() -> list[tuple[str, str]]:
    return [(one.value, delivery_said(one.value)) for one in Delivery.State if one != Delivery.State.ASKED]


class DeliveryForm(forms.Form):
    """Where a delivery is."""

    state = forms.ChoiceField(
        label=gettext_lazy("Où en est la demande"), choices=_delivery_states, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("Un mot pour la personne"),
        help_text=gettext_lazy("Sur une ligne de son écran : « Passage demain matin »."),
        max_length=NOTE_MAX,
        required=False,
    )


__all__ = [
    "AskForm", "DeliveryForm", "EmergencyForm", "EstablishmentForm", "JoinForm", "MessageForm",
    "NewPersonForm", "NewRequestForm", "PersonForm", "TeamForm", "named", "role_said",
]  # fmt: skip
