"""« Clés d’accès » on the account's own pages: adding one, in two steps, and removing one."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.audit import trail
from clinic.console import lockout, passkey_asking
from clinic.console.gate import WHOLE, needs
from clinic.console.refusals import said
from clinic.console.sessions import end_all_of
from clinic.console.signed_in import practitioner_of
from clinic.people import passkeys, second_factor, webauthn
from clinic.people.may import What
from clinic.people.models import Passkey, Practitioner
from clinic.people.refusals import Refusal
from clinic.public_url import PublicUrl


@needs(What.OWN_SECURITY)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """First its name, and the password where a second factor is set up; then the browser asks for the key."""
    who, place = practitioner_of(request), passkey_asking.place()
    if place is None or request.method != "POST":
        return _name_page(request, who)
    if "credential" in request.POST:
        return _keep(request, who, place)
    error, status = _error_before(request, who)
    if error:
        return _name_page(request, who, error, status)
    return _touch_page(request, who, place, _name(request))


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[: passkeys.NAME_MAX]


def _error_before(request: HttpRequest, who: Practitioner) -> tuple[str, int]:
    """Why the browser is not asked yet, and the answer's status; empty when it is."""
    if not _name(request):
        return gettext("Donnez un nom à cette clé, pour la reconnaître plus tard."), 200
    return password_error(request, who) if second_factor.is_set_up(who) else ("", 200)


def password_error(request: HttpRequest, who: Practitioner) -> tuple[str, int]:
    """For what a session that was left open must not be enough for."""
    tried = lockout.attempt(request, who.username)
    if not lockout.may_try(tried):
        return gettext("Trop d’essais. Attendez un quart d’heure, puis réessayez."), 429
    if who.check_password(request.POST.get("password", "")):
        lockout.right(tried)
        return "", 200
    return gettext("Le mot de passe n’est pas celui-là."), 200


def _name_page(request: HttpRequest, who: Practitioner, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "nav": "security",
        "error": error,
        "possible": passkey_asking.place() is not None,
        "asks_password": second_factor.is_set_up(who),
        "name": _name(request),
        "name_max": passkeys.NAME_MAX,
    }
    return render(request, "console/passkey_name.html", context, status=status)


def _touch_page(request: HttpRequest, who: Practitioner, place: PublicUrl, name: str, error: str = "") -> HttpResponse:
    challenge = passkey_asking.ask(request, who, "make", name)
    options = passkeys.asked_to_make(who, place, challenge)
    context = {"nav": "security", "options": options, "name": name, "error": error}
    return render(request, "console/passkey_touch.html", context)


def _keep(request: HttpRequest, who: Practitioner, place: PublicUrl) -> HttpResponse:
    asked = passkey_asking.take(request, who, "make")
    if asked is None:
        return _name_page(request, who, gettext("La demande a trop attendu. Recommencez."))
    first = not second_factor.is_set_up(who)
    try:
        kept = passkeys.add(who, asked.name, place, asked.challenge, request.POST["credential"])
    except webauthn.NotAnAnswer as error:
        trail.record(who.username, "refused", f"passkey not added: {error}")
        words = gettext("Cette clé n’a pas donné une réponse valable. Réessayez.")
        return _touch_page(request, who, place, asked.name, words)
    except Refusal as refusal:
        return _name_page(request, who, said(refusal))
    trail.record(who.username, "write", f"passkey {kept.pk} added: {kept.name}")
    return _first_of_all(request, who) if first else HttpResponseRedirect(reverse("security"))


def _first_of_all(request: HttpRequest, who: Practitioner) -> HttpResponse:
    """A second factor from now on: whoever entered without one is out, and the recovery codes are told, once."""
    request.session[WHOLE] = True
    end_all_of(who, but=request.session.session_key)
    codes = second_factor.new_recovery_codes(who)
    return render(request, "console/recovery_codes.html", {"nav": "security", "codes": codes})


@needs(What.OWN_SECURITY)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Their own, with the password, and never the last second factor."""
    who = practitioner_of(request)
    passkey = Passkey.objects.filter(practitioner=who, pk=passkey_id).first()
    if passkey is None:
        raise Http404
    if request.method != "POST":
        return _remove_page(request, passkey)
    error, status = password_error(request, who)
    if error:
        return _remove_page(request, passkey, error, status)
    try:
        with transaction.atomic():
            second_factor.check_not_the_last(who)
            passkeys.remove(passkey)
    except Refusal as refusal:
        return _remove_page(request, passkey, said(refusal))
    trail.record(who.username, "write", f"passkey {passkey_id} removed: {passkey.name}")
    return HttpResponseRedirect(reverse("security"))


def _remove_page(request: HttpRequest, passkey: Passkey, error: str = "", status: int = 200) -> HttpResponse:
    context = {"nav": "security", "passkey": passkey, "error": error}
    return render(request, "console/passkey_remove.html", context, status=status)
