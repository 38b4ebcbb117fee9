"""The administrator's pages: people, their roles and teams. Nobody's record is here."""

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import trail
from clinic.console.forms import EstablishmentForm, NewPersonForm, PersonForm, TeamForm
from clinic.console.gate import needs
from clinic.console.refusals import said
from clinic.console.role_words import role_said
from clinic.console.sessions import end_all_of, sessions_of
from clinic.console.signed_in import practitioner_of
from clinic.people import passkeys, second_factor
from clinic.people.accounts import check_not_the_last_administrator, give_first_password
from clinic.people.may import What
from clinic.people.models import Establishment, Practitioner, Team
from clinic.people.refusals import Refusal

FIELDS = ("given", "family", "role", "role_shown")


@needs(What.MANAGE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    trail.record(practitioner_of(request).username, "read", "people")
    by_place = Team.objects.select_related("establishment").order_by("establishment__name", "name")
    everyone = Practitioner.objects.prefetch_related(Prefetch("teams", by_place), "passkeys").select_related(
        "second_factor"
    )
    told = [(who, role_said(who.role)) for who in everyone.order_by("-is_active", "family", "given", "pk")]
    return render(request, "console/people.html", {"nav": "people", "people": told})


@needs(What.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "console/person.html", {"nav": "people", "form": form})
    cleaned = form.cleaned_data
    trail.record(practitioner_of(request).username, "write", f"practitioner {cleaned['username']} added")
    with transaction.atomic():
        who = Practitioner(username=cleaned["username"], **{name: cleaned[name] for name in FIELDS})
        password = give_first_password(who)
        who.teams.set(cleaned["teams"])
    return render(request, "console/first_password.html", {"nav": "people", "person": who, "password": password})


@needs(What.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    who = _person(person_id)
    began = {**{name: getattr(who, name) for name in FIELDS}, "teams": who.teams.all()}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=began)
    if form.is_valid() and _changed(request, who, form):
        return HttpResponseRedirect(reverse("people"))
    return render(request, "console/person.html", {"nav": "people", "form": form, "person": who, **_state(who)})


def _changed(request: HttpRequest, who: Practitioner, form: PersonForm) -> bool:
    cleaned = form.cleaned_data
    words = f"practitioner {who.username} changed" + (f", now {cleaned['role']}" if cleaned["role"] != who.role else "")
    trail.record(practitioner_of(request).username, "write", words)
    try:
        with transaction.atomic():
            if cleaned["role"] != who.role:
                check_not_the_last_administrator(who)
            for name in FIELDS:
                setattr(who, name, cleaned[name])
            who.save(update_fields=FIELDS)
            who.teams.set(cleaned["teams"])
    except Refusal as refusal:
        form.add_error("role", said(refusal))
        return False
    return True


def _state(who: Practitioner) -> dict[str, object]:
    return {
        "set_up": second_factor.is_set_up(who),
        "passkeys": passkeys.of(who),
        "sessions_count": sessions_of(who).count(),
    }


@needs(What.MANAGE_PEOPLE)
@require_POST
def account(request: HttpRequest, person_id: int) -> HttpResponse:
    """What an administrator does to an account: a new first password, second factor reset, closed, opened again."""
    who, by = _person(person_id), practitioner_of(request).username
    act = request.POST.get("act", "")
    if act not in {"first-password", "second-factor", "close", "open"}:
        raise Http404
    trail.record(by, "write", f"account {who.username}: {act}")
    try:
        _open_or_close(who, act)
    except Refusal as refusal:
        form = PersonForm(initial={**{name: getattr(who, name) for name in FIELDS}, "teams": who.teams.all()})
        context = {"nav": "people", "form": form, "person": who, "error": said(refusal), **_state(who)}
        return render(request, "console/person.html", context)
    if act == "first-password":
        second_factor.remove(who)
        password = give_first_password(who)
        end_all_of(who)
        return render(request, "console/first_password.html", {"nav": "people", "person": who, "password": password})
    if act == "second-factor":
        second_factor.remove(who)
    end_all_of(who)
    return HttpResponseRedirect(reverse("people"))


def _open_or_close(who: Practitioner, act: str) -> None:
    if act not in {"close", "open"}:
        return
    with transaction.atomic():
        if act == "close":
            check_not_the_last_administrator(who)
        who.is_active = act == "open"
        who.save(update_fields=["is_active"])


@needs(What.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    """Establishments and their teams; two small forms, told apart by their button."""
    posted = request.POST if request.method == "POST" else None
    which = request.POST.get("which", "")
    place = EstablishmentForm(posted if which == "establishment" else None, prefix="e")
    team = TeamForm(posted if which == "team" else None, prefix="t")
    for form in (place, team):
        if form.is_bound and form.is_valid():
            trail.record(practitioner_of(request).username, "write", f"{which} {form.cleaned_data['name']} added")
            form.save()
            return HttpResponseRedirect(reverse("teams"))
    if posted is None:
        trail.record(practitioner_of(request).username, "read", "teams")
    establishments = Establishment.objects.prefetch_related("teams__members").order_by("name")
    context = {"nav": "people", "establishments": establishments, "place_form": place, "team_form": team}
    return render(request, "console/teams.html", context)


def _person(person_id: int) -> Practitioner:
    found = Practitioner.objects.filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found
