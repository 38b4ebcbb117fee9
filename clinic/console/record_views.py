"""« Dossier »: one page a patient, and the timeline of everything that happened."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.boxes_told import device_state, silence_said
from clinic.console.events_told import GROUPS, ToldEvent, tell_event
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.parts import is_part
from clinic.console.record_told import tell_patient, tell_precautions, tell_related
from clinic.console.role_words import role_said
from clinic.console.signed_in import practitioner_of
from clinic.console.suitability_words import newest_said
from clinic.events import Event, Place, Span
from clinic.fleet.boxes import boxes_of
from clinic.people.contraindications import contraindications_of
from clinic.people.may import What, may
from clinic.people.models import CareTeamParticipant, Patient, Practitioner, RelatedPerson, Standing
from clinic.people.searching import plain
from clinic.plans.in_force import plan_in_force
from clinic.record.newest import kinds_told, newest
from clinic.record.timeline import page, told_of
from clinic.results.asked import silence_of
from clinic.suitability.assessing import newest_of

DAY_MS = 86_400_000
PERIODS = (7, 30, 90, 365)
WORDS_MAX = 100


@needs(What.READ_SOCIAL)
@require_safe
def record(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The whole page; for htmx, the timeline alone."""
    reader = practitioner_of(request)
    if is_part(request):
        patient = open_patient(request, patient_id, "timeline", What.READ_SOCIAL)
        return render(request, "console/timeline.html", {"patient": patient, **_timeline(request, patient, reader)})
    patient = open_patient(request, patient_id, "record", What.READ_SOCIAL)
    context = {"nav": "patients", "patient": patient, "now_ms": now_ms(), "reads_record": _reads_health(reader)}
    return render(
        request,
        "console/record.html",
        {**context, **_first_page(patient, reader), **_timeline(request, patient, reader)},
    )


@require_safe
def silence(request: HttpRequest, patient_id: str) -> HttpResponse:
    """What the silence of the person means (X4): a part of « Dossier » that is asked for once the page stands."""
    patient = open_patient(request, patient_id, "silence")
    at_ms = now_ms()
    context = {"nav": "patients", "patient": patient, "silence": silence_said(silence_of(patient, at_ms), at_ms)}
    return render(request, "console/silence.html" if is_part(request) else "console/silence_page.html", context)


def _reads_health(reader: Practitioner) -> bool:
    return may(reader.role, What.READ_RECORD)


def _first_page(patient: Patient, reader: Practitioner) -> dict[str, object]:
    team = list(
        CareTeamParticipant.objects.filter(patient=patient, until_ms=None)
        .select_related("practitioner")
        .order_by("-referring", "since_ms")
    )
    related = RelatedPerson.objects.filter(patient=patient, until_ms=None).order_by("-main_caregiver", "name")
    state = patient.standing or Standing.State.ACTIVE
    told: dict[str, object] = {
        "told": tell_patient(patient),
        "related": [tell_related(one) for one in related],
        "team": [(kept, role_said(kept.practitioner.role)) for kept in team],
        "referring": any(kept.referring and kept.practitioner_id == reader.pk for kept in team),
        "in_team": any(kept.practitioner_id == reader.pk for kept in team),
        "standing": "" if state == Standing.State.ACTIVE else standing_said(state),
    }
    return {**told, **_care(patient)} if _reads_health(reader) else told


def _care(patient: Patient) -> dict[str, object]:
    """The health part."""
    in_force, at_ms = plan_in_force(patient), now_ms()
    content = in_force.content if in_force else None
    return {
        "precautions": tell_precautions(contraindications_of(patient)),
        "plan": in_force,
        "plan_content": content,
        "plan_last_ms": content.period.end_ms - 1 if content else None,
        "plan_expired": bool(content and content.period.end_ms <= at_ms),
        "boxes": [(box, device_state(box, at_ms)) for box in boxes_of(patient)],
        "place": newest_said(newest_of([patient.id]).get(patient.id)),
    }


@dataclass(frozen=True)
class Asked:
    """What the timeline is narrowed to, as it was asked for; what makes no sense is left out."""

    group: str
    days: int | None
    words: str
    after: Place | None

    @property
    def narrowed(self) -> bool:
        """By more than its group."""
        return bool(self.days or self.words or self.after)

    @property
    def span(self) -> Span:
        kinds = frozenset(GROUPS[self.group][1]) if self.group else None
        since_ms = now_ms() - self.days * DAY_MS if self.days else None
        return Span(since_ms=since_ms, kinds=kinds, after=self.after)

    def following(self, after: Place) -> str:
        """The query of the page after this one."""
        told = {"kind": self.group, "days": self.days or "", "words": self.words}
        return urlencode({**told, "after": "~".join(map(str, after))})


def asked_of(request: HttpRequest) -> Asked:
    group, days = request.GET.get("kind", ""), request.GET.get("days", "")
    return Asked(
        group=group if group in GROUPS else "",
        days=int(days) if days in {str(known) for known in PERIODS} else None,
        words=request.GET.get("words", "")[:WORDS_MAX].strip(),
        after=_place(request.GET.get("after", "")),
    )


def _place(typed: str) -> Place | None:
    at_ms, _, rest = typed.partition("~")
    kind, _, key = rest.partition("~")
    numbers = [at_ms.removeprefix("-"), key]
    if not all(number.isascii() and number.isdecimal() and len(number) < 18 for number in numbers):
        return None
    return (int(at_ms), kind[:40], int(key)) if "\0" not in kind else None


def _timeline(request: HttpRequest, patient: Patient, reader: Practitioner) -> dict[str, object]:
    asked = asked_of(request)
    health = _reads_health(reader)
    if asked.narrowed:
        found = page(
            told_of(patient, health=health), asked.span, wanted=_wanted(asked.words, patient) if asked.words else None
        )
    else:
        found = newest(patient, health=health, kinds=asked.span.kinds)
    told = [tell_event(event, patient) for event in found.events]
    known = kinds_told(health=health)
    return {
        "asked": asked,
        "days": _by_day(told),
        "following": asked.following(found.following) if found.following else "",
        "groups": [(code, gettext(words)) for code, (words, kinds) in GROUPS.items() if known.intersection(kinds)],
        "periods": PERIODS,
    }


def _wanted(words: str, patient: Patient) -> Callable[[Event], bool]:
    """Those of whose words each word that was typed is a part."""
    typed = plain(words).split()

    def wanted(event: Event) -> bool:
        text = plain(tell_event(event, patient).text)
        return all(word in text for word in typed)

    return wanted


def _by_day(told: list[ToldEvent]) -> list[tuple[int, list[ToldEvent]]]:
    """With the first instant of each day's events, for its heading."""
    from django.utils import timezone

    days: dict[dt.date, list[ToldEvent]] = {}
    for one in told:
        try:
            at = timezone.localtime(dt.datetime.fromtimestamp(one.event.at_ms / 1000, dt.UTC)).date()
        except (ValueError, OverflowError, OSError):  # a box may believe that it is the year 50000
            at = dt.date(1970, 1, 1)
        days.setdefault(at, []).append(one)
    return [(events[0].event.at_ms, events) for events in days.values()]
