"""My security: the second factor, the password, and where I am signed in."""

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import trail
from clinic.console import lockout, passkey_asking, qr
from clinic.console.gate import WHOLE, needs
from clinic.console.passkey_views import password_error
from clinic.console.second_step import unreadable_said
from clinic.console.sessions import end_all_of, sessions_of
from clinic.console.signed_in import practitioner_of
from clinic.people import one_time_code, passkeys, second_factor
from clinic.people.accounts import choose_password
from clinic.people.may import What
from clinic.people.models import Practitioner
from clinic.people.one_time_code import SecretUnreadable

PASSWORD_MAX = 200


@needs(What.OWN_SECURITY)
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    who = practitioner_of(request)
    context = {
        "nav": "security",
        "set_up": second_factor.is_set_up(who),
        "application": second_factor.has_application(who),
        "passkeys": passkeys.of(who),
        "possible": passkey_asking.place() is not None,
        "left": second_factor.recovery_codes_left(who),
        "sessions": sessions_of(who),
        "here": request.session.session_key,
        "error": error,
    }
    return render(request, "console/security.html", context, status=status)


@needs(What.OWN_SECURITY)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The picture to scan; the first code confirms it, and the recovery codes are told, once."""
    who = practitioner_of(request)
    if second_factor.has_application(who):
        return HttpResponseRedirect(reverse("security"))
    if request.method != "POST":
        return _set_up_page(request, who)
    if second_factor.is_set_up(who) and (refused := password_error(request, who))[0]:
        return _set_up_page(request, who, *refused)
    codes = second_factor.confirm(who, request.POST.get("code", "")[:40])
    if not codes:
        words = gettext(
            "Ce code n’est pas le bon. Vérifiez l’heure du téléphone, et donnez le code affiché maintenant."
        )
        return _set_up_page(request, who, words)
    trail.record(who.username, "write", "second factor set up")
    request.session[WHOLE] = True
    end_all_of(who, but=request.session.session_key)
    return render(request, "console/recovery_codes.html", {"nav": "security", "codes": codes})


def _set_up_page(request: HttpRequest, who: Practitioner, error: str = "", status: int = 200) -> HttpResponse:
    secret = second_factor.begin(who)
    address = one_time_code.address(secret, who.username, f"Chevet {settings.CLINIC_ID}")
    context = {"nav": "security", "picture": qr.drawn(address), "by_hand": one_time_code.typed_by_hand(secret)}
    more = {
        "error": error,
        "asks_password": second_factor.is_set_up(who),
        "possible": passkey_asking.place() is not None,
    }
    return render(request, "console/second_factor.html", {**context, **more}, status=status)


@needs(What.OWN_SECURITY)
@sensitive_post_parameters()
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """New recovery codes, or the application removed for another telephone: with one of its codes.

    Whoever has passkeys alone gives their password for new recovery codes.
    """
    who = practitioner_of(request)
    error, status = _error_of_renewal(request, who)
    if error:
        return _page(request, error, status)
    if request.POST.get("what") == "codes":
        trail.record(who.username, "write", "recovery codes renewed")
        codes = second_factor.new_recovery_codes(who)
        return render(request, "console/recovery_codes.html", {"nav": "security", "codes": codes})
    trail.record(who.username, "write", "application of the second factor removed")
    second_factor.remove_application(who)
    if not second_factor.is_set_up(who):
        request.session.pop(WHOLE, None)
    end_all_of(who, but=request.session.session_key)
    return HttpResponseRedirect(reverse("second-factor"))


def _error_of_renewal(request: HttpRequest, who: Practitioner) -> tuple[str, int]:
    if not second_factor.has_application(who) and request.POST.get("what") == "codes" and second_factor.is_set_up(who):
        return password_error(request, who)
    tried = lockout.attempt(request, who.username)
    if not lockout.may_try(tried):
        return gettext("Trop d’essais. Attendez un quart d’heure, puis réessayez."), 429
    try:
        if second_factor.accepts(who, request.POST.get("code", "")[:40]):
            lockout.right(tried)
            return "", 200
    except SecretUnreadable:
        lockout.right(tried)
        return unreadable_said(), 200
    return gettext("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant."), 200


@needs(What.OWN_SECURITY)
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    ended = end_all_of(who, but=request.session.session_key)
    trail.record(who.username, "sign-out", f"everywhere else: {ended}")
    return HttpResponseRedirect(reverse("security"))


@needs(What.OWN_SECURITY)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    context = {"nav": "security", "first": who.password_until_ms is not None}
    if request.method != "POST":
        return render(request, "console/password.html", context)
    tried = lockout.attempt(request, who.username)
    errors = _password_errors(request, who, tried)
    if errors:
        return render(request, "console/password.html", {**context, "errors": errors})
    trail.record(who.username, "write", "password changed")
    choose_password(who, request.POST["new"])
    update_session_auth_hash(request, who)
    end_all_of(who, but=request.session.session_key)
    return HttpResponseRedirect(reverse("security"))


def _password_errors(request: HttpRequest, who: Practitioner, tried: lockout.Attempt) -> list[str]:
    new = request.POST.get("new", "")
    if not lockout.may_try(tried):
        return [gettext("Trop d’essais. Attendez un quart d’heure, puis réessayez.")]
    if not who.check_password(request.POST.get("present", "")):
        return [gettext("Le mot de passe actuel n’est pas celui-là.")]
    lockout.right(tried)
    if new != request.POST.get("again", "") or len(new) > PASSWORD_MAX:
        return [gettext("Les deux nouveaux mots de passe diffèrent.")]
    if new == request.POST["present"]:
        return [gettext("Choisissez un autre mot de passe que l’actuel.")]
    try:
        validate_password(new, who)
    except ValidationError as error:
        return list(error.messages)
    return []
