"""One care of a draft, as a form: what is heard, how loud, when, what is said and asked."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from msgspec import convert
from msgspec.structs import replace

from clinic.console.plans.fields import DayField, HourField, LineField, ParagraphsField
from clinic.console.plans.plan_words import kind_said
from clinic.console.templatetags.words import duration
from clinic.plans.contraindications import REASON_MAX
from clinic.plans.plan_draft import TITLE_MAX, ActivityDraft, LimitsDraft, PackageDraft, PeriodDraft
from clinic.shelf.choosing import as_named
from clinic.shelf.models import Package
from mqtt_bridge.contract.care import LEVEL_DBA_MAX, LEVEL_DBA_MIN, CareKind
from mqtt_bridge.contract.framing import Hours

KINDS = ("relaxation", "crisis", "sleep", "sophrology", "mediation", "education")
HOURS_MAX, HOURS_SHOWN = 6, 2
INTERVAL_MIN_MAX = 14 * 24 * 60


@dataclass(frozen=True)
class Choices:
    """What a care can be made of: packages by fingerprint, forms (titles by canonical)."""

    packages: dict[str, Package]
    forms: dict[str, str]
    kept: dict[str, str] = field(default_factory=dict)
    """Packages that the draft names and the shelf has not: ids by fingerprint."""

    def package_choices(self) -> list[tuple[str, str]]:
        told = [
            (key, f"{one.title} · {kind_said(one.kind)} · {duration(round(one.duration_s / 60) * 60)} · {one.version}")
            for key, one in self.packages.items()
        ]
        return told + [(key, gettext("%(id)s (pas sur l’étagère)") % {"id": name}) for key, name in self.kept.items()]


class CareForm(forms.Form):
    """Errors stand beside their fields; `care` is the ActivityDraft that the form makes."""

    title = LineField(
        label=gettext_lazy("Nom sur l’écran"),
        help_text=gettext_lazy("Comme la personne le lira : 32 lettres au plus."),
        max_length=TITLE_MAX,
    )
    package = forms.ChoiceField(
        label=gettext_lazy("Séance"), help_text=gettext_lazy("Le style que la personne entendra.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Sorte de soin"),
        help_text=gettext_lazy("Après un soin du sommeil, l’écran reste noir et les questions attendent."),
    )
    level_dba = forms.FloatField(
        label=gettext_lazy("Niveau au début, en dBA"), min_value=LEVEL_DBA_MIN, max_value=LEVEL_DBA_MAX
    )
    level_max_dba = forms.FloatField(
        label=gettext_lazy("Niveau au plus, en dBA"),
        help_text=gettext_lazy("La personne ne peut pas monter plus haut. 80 dBA est la limite pour tous."),
        min_value=LEVEL_DBA_MIN,
        max_value=LEVEL_DBA_MAX,
    )
    per_day_max = forms.IntegerField(
        label=gettext_lazy("Fois par jour, au plus"), min_value=1, max_value=24, required=False
    )
    interval_min = forms.IntegerField(
        label=gettext_lazy("Minutes entre deux fois, au moins"), min_value=1, max_value=INTERVAL_MIN_MAX, required=False
    )
    start = DayField(label=gettext_lazy("Possible à partir du"), required=False)
    end = DayField(label=gettext_lazy("Jusqu’au (compris)"), required=False)
    explanation = ParagraphsField(
        label=gettext_lazy("Explication avant le soin"),
        help_text=gettext_lazy("Chaque ligne devient un écran : 12 au plus, de 500 lettres au plus."),
    )
    advice = ParagraphsField(label=gettext_lazy("Conseils pour s’installer"), required=False)
    questionnaire = forms.ChoiceField(label=gettext_lazy("Évaluation avant et après"))
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ce soin est donné malgré la contre-indication"),
        help_text=gettext_lazy("Seul un référent peut l’écrire. La raison est gardée dans le dossier, avec son nom."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=REASON_MAX,
        required=False,
    )

    def __init__(self, choices: Choices, care: ActivityDraft, data: Any = None) -> None:
        self._choices, self._was = choices, care
        super().__init__(data, initial=_initial(care))
        for name, options in (
            ("package", choices.package_choices()),
            ("kind", [(kind, kind_said(kind)) for kind in KINDS]),
            ("questionnaire", list(choices.forms.items())),
        ):
            self.fields[name].choices = options  # type: ignore[attr-defined]
        self.hours_count = min(HOURS_MAX, max(HOURS_SHOWN, len(care.limits.hours) + 1))
        for at in range(self.hours_count):
            self.fields[f"hours_{at}_start"] = HourField(label=gettext("De"), required=False)
            self.fields[f"hours_{at}_end"] = HourField(label=gettext("à"), required=False)

    @property
    def hours(self) -> list[tuple[Any, Any]]:
        """The fields of each span of hours."""
        return [(self[f"hours_{at}_start"], self[f"hours_{at}_end"]) for at in range(self.hours_count)]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("level_dba") and told.get("level_max_dba") and told["level_dba"] > told["level_max_dba"]:
            self.add_error("level_dba", gettext("Le niveau au début est plus fort que le niveau au plus."))
        if bool(told.get("start")) != bool(told.get("end")):
            self.add_error("start", gettext("Donnez les deux dates, ou aucune."))
        elif told.get("start") and told["start"] > told["end"]:
            self.add_error("end", gettext("La fin est avant le début."))
        for at in range(self.hours_count):
            self._check_hours(at, told)
        return told

    def _check_hours(self, at: int, told: dict[str, Any]) -> None:
        start, end = told.get(f"hours_{at}_start"), told.get(f"hours_{at}_end")
        if bool(start) != bool(end):
            self.add_error(f"hours_{at}_start", gettext("Donnez le début et la fin, ou aucun des deux."))
        elif start and start == end:
            self.add_error(f"hours_{at}_end", gettext("Le début et la fin sont la même heure."))

    def care(self) -> ActivityDraft:
        """Of a form that is valid."""
        told = self.cleaned_data
        package = self._choices.packages.get(told["package"])
        named = as_named(package) if package else None
        period = PeriodDraft(told["start"], told["end"]) if told["start"] else None
        limits = LimitsDraft(self._hours(), told["per_day_max"], self._interval_s(told["interval_min"]), period)
        return replace(
            self._was,
            title=told["title"],
            kind=convert(told["kind"], CareKind),
            duration_s=named.duration_s if named else self._was.duration_s,
            package=PackageDraft(named.id, named.fingerprint) if named else self._was.package,
            explanation=told["explanation"],
            advice=told["advice"],
            questionnaire=told["questionnaire"],
            level_dba=told["level_dba"],
            level_max_dba=told["level_max_dba"],
            limits=limits,
        )

    def _hours(self) -> tuple[Hours, ...]:
        told = self.cleaned_data
        spans = [(told[f"hours_{at}_start"], told[f"hours_{at}_end"]) for at in range(self.hours_count)]
        return tuple(Hours(start=start, end=end) for start, end in spans if start)

    def _interval_s(self, minutes: int | None) -> int | None:
        """What a plan's file gave in seconds stays exact while nobody changes its minutes."""
        was = self._was.limits.interval_s_min
        return was if was is not None and minutes == _minutes(was) else minutes and minutes * 60


def _minutes(seconds: int) -> int:
    return max(1, round(seconds / 60))


def _initial(care: ActivityDraft) -> dict[str, Any]:
    limits = care.limits
    hours: dict[str, str] = {}
    for at, span in enumerate(limits.hours):
        hours |= {f"hours_{at}_start": span.start, f"hours_{at}_end": span.end}
    return {
        "title": care.title,
        "package": care.package.fingerprint,
        "kind": care.kind,
        "level_dba": care.level_dba,
        "level_max_dba": care.level_max_dba,
        "per_day_max": limits.per_day_max,
        "interval_min": _minutes(limits.interval_s_min) if limits.interval_s_min else None,
        "start": limits.period.start if limits.period else None,
        "end": limits.period.end if limits.period else None,
        "explanation": "\n".join(care.explanation),
        "advice": "\n".join(care.advice),
        "questionnaire": care.questionnaire,
        **hours,
    }
