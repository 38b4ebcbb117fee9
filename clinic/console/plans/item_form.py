"""One question of a questionnaire, as a form, within what a 7-inch panel can show."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from msgspec import convert

from clinic.console.plans.fields import LineField, check_line
from clinic.console.plans.plan_words import slug
from clinic.plans.beginning import free_id
from clinic.plans.forms.shorthand import ItemShorthand, Kind, WhenShorthand
from mqtt_bridge.contract.form_rules import (
    CHOICE_WORDS_MAX,
    FACE_WORDS_MAX,
    FEW_CHOICES,
    FEW_CHOICES_WORDS_MAX,
    HEADING_MAX,
    SCALE_WORDS_MAX,
)
from mqtt_bridge.contract.questions import CHOICES_MAX, CHOICES_MIN, NUMBER_MAX, SCALE_MAX, SCALE_MIN

KINDS: tuple[Kind, ...] = ("cone", "verbal", "faces", "choice", "yes-no", "number", "text", "words")
SCALES = ("verbal", "faces")
KEEP = "keep"
"""A condition that this form cannot show stays as it is."""
WORDS = ("0", "1 à 3", "4 à 6", "7 à 9", "10")


def item_kind_said(kind: str) -> str:
    words = {
        "cone": gettext("cône de 0 à 10"),
        "verbal": gettext("échelle de mots"),
        "faces": gettext("échelle de visages"),
        "choice": gettext("choix d’une réponse"),
        "yes-no": gettext("oui ou non"),
        "number": gettext("nombre entier"),
        "text": gettext("texte libre"),
        "words": gettext("des mots à lire, sans réponse"),
    }
    return words[kind]


class ItemForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Sorte de question"))
    question = LineField(
        label=gettext_lazy("Question"), help_text=gettext_lazy("90 lettres au plus : elle est en grand."), max_length=90
    )
    help = LineField(label=gettext_lazy("Aide sous la question"), max_length=90, required=False)
    heading = LineField(
        label=gettext_lazy("Titre au-dessus"),
        help_text=gettext_lazy("Les questions qui se suivent sous un même titre vont ensemble."),
        max_length=HEADING_MAX,
        required=False,
    )
    options = forms.CharField(
        label=gettext_lazy("Réponses"),
        help_text=gettext_lazy(
            "Une par ligne. Pour une échelle : du moins au plus, 7 au plus. Pour un choix : 2 à 12."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=1000,
        required=False,
    )
    first = forms.IntegerField(
        label=gettext_lazy("Plus petit nombre"), min_value=0, max_value=NUMBER_MAX, required=False, initial=0
    )
    last = forms.IntegerField(
        label=gettext_lazy("Plus grand nombre"), min_value=1, max_value=NUMBER_MAX, required=False, initial=10
    )
    ramp = forms.ChoiceField(label=gettext_lazy("Le plus haut est"), widget=forms.RadioSelect, required=False)
    words = forms.CharField(
        label=gettext_lazy("Mots du cône"),
        help_text=gettext_lazy("Cinq lignes : pour 0, 1 à 3, 4 à 6, 7 à 9, et 10."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=500,
        required=False,
    )
    when = forms.ChoiceField(label=gettext_lazy("Demandée seulement si"), required=False)
    number = forms.IntegerField(label=gettext_lazy("Ce nombre"), min_value=0, max_value=NUMBER_MAX, required=False)

    def __init__(self, item: ItemShorthand | None, before: Iterable[ItemShorthand], data: Any = None) -> None:
        self._was, self._before = item, tuple(before)
        super().__init__(data, initial=_initial(item) if item else {"kind": "cone", "ramp": "intense"})
        for name, options in (
            ("kind", [(kind, item_kind_said(kind)) for kind in KINDS]),
            ("ramp", [("intense", gettext("le plus dur")), ("pleasant", gettext("le meilleur"))]),
            ("when", self._conditions()),
        ):
            self.fields[name].choices = options  # type: ignore[attr-defined]

    def _conditions(self) -> list[tuple[str, str]]:
        found = [("", gettext("toujours demandée"))]
        if self._was and self._was.when and _told(self._was)[0] == KEEP:
            found.append((KEEP, gettext("la condition de maintenant, gardée")))
        for one in self._before:
            found += [(f"{one.id}|{mark}", f"{one.question} : {words}") for mark, words in _answers(one)]
        return found

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        kind = told.get("kind", "")
        told["lines"] = [line.strip() for line in told.get("options", "").splitlines() if line.strip()]
        if kind in (*SCALES, "choice"):
            self._check_options(kind, told["lines"])
        if kind == "cone":
            self._check_words(told)
        if kind == "number" and (
            told.get("first") is None or told.get("last") is None or told["first"] >= told["last"]
        ):
            self.add_error("last", gettext("Plus grand que le plus petit nombre."))
        if told.get("when", "").endswith(("|>=", "|<=")) and told.get("number") is None:
            self.add_error("number", gettext("Donnez le nombre."))
        return told

    def _check_options(self, kind: str, lines: list[str]) -> None:
        least, most = (SCALE_MIN, SCALE_MAX) if kind in SCALES else (CHOICES_MIN, CHOICES_MAX)
        if not least <= len(lines) <= most or len(set(lines)) != len(lines):
            words = gettext("De %(least)s à %(most)s réponses, toutes différentes.")
            self.add_error("options", words % {"least": least, "most": most})
            return
        longest = _characters_max(kind, len(lines))
        if long := next((line for line in lines if len(line) > longest), None):
            words = gettext("« %(line)s » : à %(n)s réponses, %(max)s lettres au plus tiennent.")
            self.add_error("options", words % {"line": long, "n": len(lines), "max": longest})
        self._check_lines("options", lines)

    def _check_words(self, told: dict[str, Any]) -> None:
        told["steps"] = [line.strip() for line in told.get("words", "").splitlines() if line.strip()]
        if len(told["steps"]) != len(WORDS) or any(len(line) > 90 for line in told["steps"]):
            self.add_error("words", gettext("Cinq lignes, de 90 lettres au plus."))
        self._check_lines("words", told["steps"])

    def _check_lines(self, name: str, lines: list[str]) -> None:
        try:
            for line in lines:
                check_line(line)
        except forms.ValidationError as error:
            self.add_error(name, error)

    def item(self, taken: Iterable[str]) -> ItemShorthand:
        """Of a form that is valid."""
        told = self.cleaned_data
        kind: Kind = convert(told["kind"], Kind)
        return ItemShorthand(
            id=self._was.id if self._was else free_id(slug(told["question"]), taken),
            kind=kind,
            question=told["question"],
            help=told["help"],
            heading=told["heading"],
            options=self._options(kind, told["lines"]),
            values=self._values(kind, told["lines"]),
            first=told["first"] if kind == "number" else 0,
            last=told["last"] if kind == "number" else 10,
            ramp=told["ramp"] if told["ramp"] and kind in ("cone", *SCALES) else "intense",
            words=tuple(told["steps"]) if kind == "cone" else None,
            when=self._when(told["when"], told["number"]),
        )

    def _options(self, kind: str, lines: list[str]) -> tuple[str, ...] | dict[str, str]:
        """The codes of a choice stay those of the same words, so that answers of before and after are one."""
        if kind in SCALES:
            return tuple(lines)
        if kind != "choice":
            return ()
        was = self._was.options if self._was and isinstance(self._was.options, dict) else {}
        known = {words: code for code, words in was.items()}
        codes: dict[str, str] = {}
        for line in lines:
            codes[known.get(line) or free_id(slug(line), {*codes, *was})] = line
        return codes

    def _values(self, kind: str, lines: list[str]) -> tuple[int, ...]:
        """The measure of a scale that has one stays while it has as many answers."""
        was = self._was.values if self._was else ()
        return was if kind in SCALES and len(was) == len(lines) else ()

    def _when(self, told: str, number: int | None) -> tuple[WhenShorthand, ...]:
        if told == KEEP and self._was:
            return self._was.when
        question, _, mark = told.rpartition("|")
        match mark:
            case "":
                return ()
            case "yes" | "no":
                return (WhenShorthand(question, yes=mark == "yes"),)
            case ">=" | "<=":
                return (WhenShorthand(question, ">=" if mark == ">=" else "<=", number=number),)
            case _:
                return (WhenShorthand(question, code=mark.removeprefix("=")),)


def _answers(one: ItemShorthand) -> list[tuple[str, str]]:
    """What a condition can ask of an earlier question: a mark, and its words."""
    match one.kind:
        case "yes-no":
            return [("yes", gettext("oui")), ("no", gettext("non"))]
        case "number" | "cone":
            return [(">=", gettext("au moins…")), ("<=", gettext("au plus…"))]
        case "choice" if isinstance(one.options, dict):
            return [(f"={code}", words) for code, words in one.options.items()]
        case "verbal" | "faces":
            return [(f"={place}", words) for place, words in enumerate(one.options)]
        case _:
            return []


def _told(item: ItemShorthand) -> tuple[str, int | None]:
    """The condition as the form has it; KEEP where it has no words for it."""
    if not item.when:
        return "", None
    one, *more = item.when
    if not more and one.yes is not None and one.operator == "=":
        return f"{one.question}|{'yes' if one.yes else 'no'}", None
    if not more and one.number is not None and one.operator in (">=", "<="):
        return f"{one.question}|{one.operator}", one.number
    if not more and one.code is not None and one.operator == "=":
        return f"{one.question}|={one.code}", None
    return KEEP, None


def _characters_max(kind: str, count: int) -> int:
    if kind == "faces":
        return FACE_WORDS_MAX
    if kind == "verbal":
        return SCALE_WORDS_MAX[count]
    return FEW_CHOICES_WORDS_MAX if count <= FEW_CHOICES else CHOICE_WORDS_MAX


def _initial(item: ItemShorthand) -> dict[str, Any]:
    when, number = _told(item)
    options = item.options.values() if isinstance(item.options, dict) else item.options
    return {
        "kind": item.kind, "question": item.question, "help": item.help, "heading": item.heading,
        "options": "\n".join(options), "first": item.first, "last": item.last, "ramp": item.ramp,
        "words": "\n".join(item.words or ()), "when": when, "number": number,
    }  # fmt: skip
