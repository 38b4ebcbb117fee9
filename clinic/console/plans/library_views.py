"""What the pages of questionnaires and of lessons share: finding one, its picture, its place in the trail."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from clinic.audit import trail
from clinic.console.plans.preview import as_library_shows, overview_of, program
from clinic.console.plans.preview_views import drawn
from clinic.console.signed_in import practitioner_of
from clinic.people.may import What, may
from clinic.plans.library import Kind
from clinic.plans.models import CanonicalResource
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.teaching import Education


@dataclass(frozen=True)
class InLibrary:
    """One of the house's. size: how many questions, or pages; begins: the words of the first."""

    canonical: str
    title: str
    size: int
    begins: str


def own(kind: Kind, pk: int) -> CanonicalResource:
    """Raises Http404."""
    found = CanonicalResource.objects.filter(kind=kind, pk=pk).select_related("created_by", "changed_by").first()
    if found is None:
        raise Http404
    return found


def own_draft(kind: Kind, pk: int) -> CanonicalResource:
    """One that can still be changed. Raises Http404."""
    found = own(kind, pk)
    if found.status != CanonicalResource.Status.DRAFT:
        raise Http404
    return found


def listed(kind: Kind) -> list[CanonicalResource]:
    """The clinic's own, the newest first."""
    found = CanonicalResource.objects.filter(kind=kind).defer("document", "editing", "imported")
    return list(found.select_related("changed_by").order_by("-changed_ms", "-pk")[:200])


def url_of(kind: Kind, name: str) -> str:
    """The address of what is written here."""
    return f"urn:chevet:{settings.CLINIC_ID}:{kind.value}:{name}"


def noted(request: HttpRequest, act: str, canonical: str) -> None:
    """In the trail; nobody's record."""
    trail.record(practitioner_of(request).username, "write", f"{act}: {canonical}"[:200])


def writes(request: HttpRequest) -> bool:
    return may(practitioner_of(request).role, What.WRITE_LIBRARY)


def pictures(word: Questionnaire | Education, address: str, **query: Any) -> dict[str, object]:
    """For a page: where each screen of it is drawn."""
    from django.utils.http import urlencode

    names = overview_of(as_library_shows(word))
    told = [
        {"words": one.words, "address": f"{reverse(address, args=[place])}?{urlencode(query)}"}
        for place, one in enumerate(names)
    ]
    return {"screens": told if program() else [], "no_kiosk": program() is None}


def picture_of(word: Questionnaire | Education, place: int) -> HttpResponse:
    """Raises Http404: it has no such screen."""
    plan = as_library_shows(word)
    names = [one.name for one in overview_of(plan)]
    if place >= len(names):
        raise Http404
    return drawn(plan, names[place], names)
