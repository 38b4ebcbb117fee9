"""The library of protocols: read, exported as FHIR, kept from a draft, retired."""

import json

import msgspec
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import trail
from clinic.console.gate import needs
from clinic.console.plans.draft_views import opened, shelf_now
from clinic.console.plans.facts import facts_of, names_of, told_parts
from clinic.console.plans.fields import LineField
from clinic.console.plans.plan_views import shown
from clinic.console.plans.plan_words import pathway_said, purpose_of, refusal_said, rhythm_of, slug, title_said
from clinic.console.role_words import role_said
from clinic.console.signed_in import practitioner_of
from clinic.people.may import What, may
from clinic.plans import publishing
from clinic.plans.beginning import from_protocol
from clinic.plans.drafting import content_of
from clinic.plans.errors import PlanRefused
from clinic.plans.keeping import as_protocol
from clinic.plans.library import Kind, protocol_named, protocols_listed
from clinic.plans.models import CanonicalResource
from clinic.plans.protocols import PlanDefinition
from clinic.plans.protocols.fhir import plan_definition
from mqtt_bridge.contract.codec import ContractError, encode


@needs(What.DRAFT_PLAN)
@require_safe
def protocols(request: HttpRequest) -> HttpResponse:
    found = [(one, title_said(one), purpose_of(one)) for one in protocols_listed()]
    context = {
        "nav": "library",
        "pathways": [told for told in found if told[0].pathway],
        "protocols": [told for told in found if not told[0].pathway],
    }
    return render(request, "console/plans/protocols.html", context)


def _named(request: HttpRequest) -> PlanDefinition:
    try:
        return protocol_named(request.GET.get("nom", ""))
    except ContractError as error:
        raise Http404 from error


@needs(What.DRAFT_PLAN)
@require_safe
def protocol(request: HttpRequest) -> HttpResponse:
    """One protocol, as a plan made from it today would be. Without a name: the list."""
    if not request.GET.get("nom"):
        return protocols(request)
    told = _named(request)
    content = from_protocol(told, timezone.localdate(), shelf_now())
    own = _own(told)
    context = {
        "nav": "library",
        "protocol": told,
        "title": title_said(told),
        "purpose": purpose_of(told),
        "rhythm": rhythm_of(told),
        "pathway": pathway_said(told.pathway) if told.pathway else "",
        "team": [role_said(role) for role in told.team],
        "parts": [part for part in told_parts(facts_of(content, names_of(content))) if part.code != "frame"],
        "missing": [one.package.id for one in content.activity if not one.package.fingerprint],
        "versions": CanonicalResource.objects.filter(kind=Kind.PROTOCOL, url=told.url).order_by("-pk") if own else (),
        "own": own,
        "writes": may(practitioner_of(request).role, What.WRITE_LIBRARY),
    }
    return render(request, "console/plans/protocol.html", context)


def _own(told: PlanDefinition) -> CanonicalResource | None:
    """The clinic's own, in the database."""
    return CanonicalResource.objects.filter(kind=Kind.PROTOCOL, url=told.url, version=told.version).first()


@needs(What.DRAFT_PLAN)
@require_safe
def protocol_fhir(request: HttpRequest) -> HttpResponse:
    told = _named(request) if request.GET.get("nom") else protocols_listed()[0]
    answer = HttpResponse(
        json.dumps(plan_definition(told), ensure_ascii=False, indent=1), content_type="application/fhir+json"
    )
    answer["Content-Disposition"] = f'attachment; filename="{slug(told.title)}-{slug(told.version)}.json"'
    return answer


@needs(What.WRITE_LIBRARY)
@require_POST
def retire_protocol(request: HttpRequest) -> HttpResponse:
    told = CanonicalResource.objects.filter(kind=Kind.PROTOCOL, pk=_key(request)).first()
    if told is None:
        raise Http404
    who = practitioner_of(request)
    try:
        publishing.retire(told, who)
    except PlanRefused as refused:
        raise Http404 from refused
    trail.record(who.username, "write", f"protocol retired: {told.canonical}")
    return HttpResponseRedirect(reverse("protocols"))


def _key(request: HttpRequest) -> int:
    told = request.POST.get("protocol", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else 0


class KeepForm(forms.Form):
    """What a protocol is called, and for what."""

    title = LineField(label=gettext_lazy("Nom du protocole"), max_length=90)
    purpose = LineField(
        label=gettext_lazy("À quoi il sert"),
        help_text=gettext_lazy("En une phrase ou deux, sans le nom de la personne : d’autres le liront."),
        max_length=500,
    )


@needs(What.WRITE_LIBRARY)
@require_http_methods(["GET", "HEAD", "POST"])
def save_protocol(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The draft of a patient as a protocol of the clinic: a new one, or the next version of one of that name."""
    patient, _, last = opened(request, patient_id, "plan: kept as a protocol")
    form, error = KeepForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        title, purpose = form.cleaned_data["title"], form.cleaned_data["purpose"]
        url, who = f"urn:chevet:{settings.CLINIC_ID}:plan-definition:{slug(title)}", practitioner_of(request)
        version = publishing.next_version(Kind.PROTOCOL, url)
        source = gettext("Écrit ici par %(given)s %(family)s.") % {"given": who.given, "family": who.family}
        try:
            made = as_protocol(content_of(last), url, version, title, purpose, source)
            kept = publishing.begin(Kind.PROTOCOL, url, version, publishing.Written(title, encode(made)), who)
            publishing.publish(kept, kept.revision, who)
        except msgspec.ValidationError as refused:
            error = gettext("Ce brouillon ne peut pas encore être un protocole.") + f" {refused}"
        except PlanRefused as refused:
            error = refusal_said(refused)
        else:
            return HttpResponseRedirect(f"{reverse('protocol')}?{urlencode({'nom': made.canonical})}")
    context = {**shown(request, patient), "form": form, "error": error}
    return render(request, "console/plans/keep.html", context)
