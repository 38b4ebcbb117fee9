"""The second step of signing in: a passkey, a code of the application, or a recovery code."""

import logging
import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.audit import trail
from clinic.console import lockout, passkey_asking
from clinic.console.login import HALF, enter, locked_words
from clinic.people import passkeys, second_factor, webauthn
from clinic.people.models import Practitioner
from clinic.people.one_time_code import SecretUnreadable

log = logging.getLogger(__name__)

HALF_S_MAX = 300
"""How long the password's step waits for this one."""


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    half = request.session.get(HALF, {})
    who = Practitioner.objects.filter(pk=half.get("who"), is_active=True).first()
    if who is None or not _still_holds(half, who):
        request.session.pop(HALF, None)
        return HttpResponseRedirect(reverse("login"))
    if request.method != "POST":
        return _page(request, who)
    tried = lockout.attempt(request, who.username)
    if not lockout.may_try(tried):
        trail.record(who.username, "sign-in-refused", f"locked at the second factor, from {tried.address}")
        return _page(request, who, locked_words(), 429)
    by_passkey = "credential" in request.POST
    error = _passkey_error(request, who, tried) if by_passkey else _code_error(request, who, tried)
    if error:
        return _page(request, who, error)
    lockout.right(tried)
    del request.session[HALF]
    return enter(request, who, half["next"], whole=True, by="passkey" if by_passkey else "code")


def _still_holds(half: dict[str, Any], who: Practitioner) -> bool:
    """The password's step: not too long ago, and by the password that they have now."""
    passed_s = time.time() - half["at_s"]
    return 0 <= passed_s <= HALF_S_MAX and constant_time_compare(half.get("password", ""), who.get_session_auth_hash())


def unreadable_said() -> str:
    """A second factor that was sealed under another secret key than the clinic's present one."""
    return gettext(
        "Votre deuxième facteur ne peut plus être lu ici : demandez à un administrateur un nouveau premier mot de "
        "passe."
    )


def _code_error(request: HttpRequest, who: Practitioner, tried: lockout.Attempt) -> str:
    try:
        if second_factor.accepts(who, request.POST.get("code", "")[:40]):
            return ""
    except SecretUnreadable:
        lockout.right(tried)
        log.exception("the second factor of %s cannot be read", who.username)
        trail.record(who.username, "sign-in-refused", "the second factor was sealed under another secret key")
        return unreadable_said()
    trail.record(who.username, "sign-in-refused", f"wrong code, from {tried.address}")
    return gettext("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.")


def _passkey_error(request: HttpRequest, who: Practitioner, tried: lockout.Attempt) -> str:
    place, asked = passkey_asking.place(), passkey_asking.take(request, who, "answer")
    if place is None or asked is None:
        lockout.right(tried)
        trail.record(who.username, "sign-in-refused", f"passkey that nobody asked for, or too late, {tried.address}")
        return gettext("La demande a trop attendu. Réessayez.")
    try:
        passkeys.use(who, place, asked.challenge, request.POST["credential"])
    except webauthn.NotAnAnswer as error:
        trail.record(who.username, "sign-in-refused", f"passkey, from {tried.address}: {error}")
        return gettext("Cette clé d’accès n’a pas été reconnue. Réessayez, ou donnez un code.")
    return ""


def _page(request: HttpRequest, who: Practitioner, error: str = "", status: int = 200) -> HttpResponse:
    """With a new challenge each time, where this person has a passkey and browsers can use it here."""
    place = passkey_asking.place()
    mine = passkeys.of(who)
    options = passkeys.asked_to_answer(who, place, passkey_asking.ask(request, who, "answer")) if place and mine else ""
    context = {
        "error": error,
        "options": options,
        "unusable": bool(mine) and not options,
        "application": second_factor.has_application(who),
    }
    return render(request, "console/code.html", context, status=status)
