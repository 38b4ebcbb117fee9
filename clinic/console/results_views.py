"""« Résultats »: what a patient's sessions amount to, the effect of each care for them, and prompts to readjust."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.chart import course_chart, days_chart
from clinic.console.effects_told import tell_care
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.page_number import page_number
from clinic.console.parts import is_part
from clinic.console.prompt_words import ToldPrompt, tell_prompt
from clinic.console.results_told import Curve, Fidelity, curve, curve_said, day_spots, days_said
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import typed
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.plans.models import CarePlan
from clinic.results.course import Lived, course
from clinic.results.effect import CareEffect, Ramps, effects
from clinic.results.facts import facts_of
from clinic.results.models import PromptSetAside
from clinic.results.progress import Kept, asked_by, is_withdrawn, last_plan, ramps_of_plan, standing_prompts, words_on
from clinic.results.prompting import PATIENTS_A_PAGE, listed

DAY_MS = 86_400_000
YEAR_DAYS = 365
PERIODS = (30, 90, YEAR_DAYS)
USUAL_PERIOD = 90
REASON_MAX = 500
NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
"""The picture of no session."""


@dataclass(frozen=True)
class Looked:
    """What is looked at: the sessions of a period, and the care whose curves are drawn."""

    plan: CarePlan | None
    ramps: Ramps
    year: list[Lived]
    lived: list[Lived]
    effects: list[CareEffect]
    chosen: CareEffect | None
    period: int

    @property
    def curve(self) -> Curve | None:
        if self.chosen is None:
            return None
        mine = [one for one in self.lived if one.request == self.chosen.request]
        return curve(mine, [item.item for item in self.chosen.own], self.ramps)


def _look(request: HttpRequest, patient: Patient, at_ms: int) -> Looked:
    asked = request.GET.get("jours", "")
    period = int(asked) if asked in map(str, PERIODS) else USUAL_PERIOD
    plan = last_plan(patient.id)
    ramps = ramps_of_plan(plan)
    year = course(patient.id, at_ms - YEAR_DAYS * DAY_MS)
    lived = [one for one in year if one.at_ms >= at_ms - period * DAY_MS]
    found = effects(lived, ramps)
    wanted = request.GET.get("soin")
    chosen = next((one for one in found if one.request == wanted), found[0] if found else None)
    return Looked(plan, ramps, year, lived, found, chosen, period)


@require_safe
def results(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "results")
    at_ms = now_ms()
    looked = _look(request, patient, at_ms)
    kept = Kept(facts_of(looked.year, looked.ramps), asked_by(looked.plan))
    told = {one.request: tell_care(one) for one in looked.effects}
    drawn = looked.curve
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "now_ms": at_ms,
        "periods": PERIODS,
        "period": looked.period,
        "fidelity": Fidelity(looked.lived),
        "prompts": _prompts(patient, kept, looked.plan, at_ms),
        "reason_missing": request.GET.get("raison") == "1",
        "cares": told.values(),
        "chosen": looked.chosen,
        "curve": drawn,
        "curve_said": curve_said(looked.chosen, drawn) if looked.chosen and drawn else "",
        "days_said": days_said(looked.chosen) if looked.chosen else "",
    }
    return render(request, "console/results.html", context)


def _prompts(patient: Patient, kept: Kept, plan: CarePlan | None, at_ms: int) -> list[ToldPrompt]:
    """Nothing more is asked of the database where there is none."""
    if plan is None or not standing_prompts(kept, (), at_ms) or is_withdrawn(plan):
        return []
    words = words_on([patient.id], at_ms).get(patient.id, [])
    return [tell_prompt(one, plan.device) for one in standing_prompts(kept, words, at_ms)]


@require_safe
def chart(request: HttpRequest, patient_id: str, kind: str) -> HttpResponse:
    """A chart of the page, as a picture: what is drawn is also in the page, as a table."""
    if kind not in ("seances", "jours"):
        raise Http404
    patient = open_patient(request, patient_id, "results, chart")
    looked = _look(request, patient, now_ms())
    drawn = _drawn(looked, kind)
    return HttpResponse(drawn or NOTHING, content_type="image/svg+xml")


def _drawn(looked: Looked, kind: str) -> str:
    language = (translation.get_language() or "fr")[:2]
    if kind == "seances" and (found := looked.curve) and found.points:
        return course_chart(found.points, found.names, language)
    if kind == "jours" and looked.chosen:
        spots, rows, steps = day_spots(looked.chosen)
        return days_chart(spots, rows, steps, gettext("écart, en points"), language) if spots else ""
    return ""


@needs(What.SET_ASIDE)
@require_POST
def set_aside(request: HttpRequest, patient_id: str) -> HttpResponse:
    """A prompt that somebody has looked at: it stays away until something changes."""
    patient = open_patient(request, patient_id, "prompt set aside", What.SET_ASIDE)
    at_ms, plan = now_ms(), last_plan(patient.id)
    year = course(patient.id, at_ms - YEAR_DAYS * DAY_MS)
    kept = Kept(facts_of(year, ramps_of_plan(plan)), asked_by(plan))
    words = words_on([patient.id], at_ms).get(patient.id, [])
    asked = (request.POST.get("kind"), request.POST.get("request"))
    standing = [one.prompt for one in standing_prompts(kept, words, at_ms) if one.aside is None]
    prompt = next((one for one in standing if (one.kind.value, one.request) == asked), None)
    reason = typed(request, "reason").strip()[:REASON_MAX]
    if prompt is not None and reason and kept.plan is not None:
        PromptSetAside.objects.create(
            patient=patient,
            request=prompt.request,
            kind=prompt.kind.value,
            by=practitioner_of(request),
            at_ms=at_ms,
            reason=reason,
            plan=kept.plan.name,
            sessions=prompt.sessions,
        )
    missing = "?raison=1" if prompt is not None and not reason else ""
    return HttpResponseRedirect(f"{reverse('results', args=[patient.id])}{missing}#a-reajuster")


@require_safe
def to_readjust(request: HttpRequest) -> HttpResponse:
    """The prompts of all of one's patients. While some are not reckoned yet the page asks for the list again."""
    who = practitioner_of(request)
    number = page_number(request)
    page = listed(patients_of(who).values_list("id", flat=True), (number - 1) * PATIENTS_A_PAGE)
    trail.record(who.username, "read", "prompts to readjust")
    told = [(one.patient, [tell_prompt(prompt, one.box) for prompt in one.prompts]) for one in page.found]
    summary = ngettext("%(n)s repère", "%(n)s repères", page.prompts) % {"n": page.prompts}
    context = {
        "nav": "patients",
        "told": told,
        "listed": page,
        "summary": summary,
        "number": number,
        "earlier": number - 1,
        "later": number + 1 if number * PATIENTS_A_PAGE < page.patients else 0,
    }
    template = "console/to_readjust_found.html" if is_part(request) else "console/to_readjust.html"
    return render(request, template, context)


__all__: Sequence[str] = ("chart", "results", "set_aside", "to_readjust")
