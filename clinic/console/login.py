"""Signing in, its first step, and out."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console import lockout
from clinic.console.address import address_of
from clinic.console.gate import WHOLE, needs
from clinic.console.sessions import ADDRESS, BROWSER, SINCE_MS, forget_expired
from clinic.people import second_factor
from clinic.people.accounts import first_password_is_over
from clinic.people.may import What
from clinic.people.models import Practitioner

HALF = "half_signed_in"
"""In the session, from the right password to the second factor (`console.second_step`)."""


def locked_words() -> str:
    return gettext("Trop d’essais. Attendez un quart d’heure, puis réessayez.")


class SignInForm(AuthenticationForm):
    """A locked name is refused before its password is looked at, in the same words whether it exists or not."""

    def clean(self) -> dict[str, Any]:
        if self.request is None:
            raise TypeError("a sign-in form without its request")
        username = str(self.cleaned_data.get("username") or "")
        tried = lockout.attempt(self.request, username)
        if not lockout.may_try(tried):
            trail.record(username, "sign-in-refused", f"locked, from {tried.address}")
            raise ValidationError(locked_words(), code="locked")
        try:
            cleaned = super().clean()
        except ValidationError:
            trail.record(username, "sign-in-refused", f"wrong name or password, from {tried.address}")
            raise
        lockout.right(tried)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if first_password_is_over(user):
            raise self.get_invalid_login_error()

    def get_invalid_login_error(self) -> ValidationError:
        return ValidationError(gettext("Ce nom et ce mot de passe ne vont pas ensemble."), code="invalid_login")


class SignIn(LoginView):
    template_name = "console/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        who = form.get_user()
        if not isinstance(who, Practitioner):
            raise TypeError("an account that is no practitioner's")
        if not second_factor.is_set_up(who):
            return enter(self.request, who, self.get_success_url(), whole=False)
        self.request.session.cycle_key()
        self.request.session[HALF] = {
            "who": who.pk,
            "at_s": int(time.time()),
            "next": self.get_success_url(),
            "password": who.get_session_auth_hash(),
        }
        return HttpResponseRedirect(reverse("code"))

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        locked = form.has_error("__all__", "locked")
        return self.render_to_response(self.get_context_data(form=form), status=429 if locked else 200)


def enter(request: HttpRequest, who: Practitioner, destination: str, *, whole: bool, by: str = "code") -> HttpResponse:
    """Signed in. `whole`: with a second factor, `by` a code or a passkey."""
    tried = lockout.attempt(request, who.username)
    factors = f"two factors, {by}" if whole else "password alone"
    trail.record(who.username, "sign-in", f"from {tried.address}, {factors}")
    lockout.signed_in(tried)
    forget_expired()
    login(request, who, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.update(
        {SINCE_MS: now_ms(), ADDRESS: address_of(request), BROWSER: request.headers.get("User-Agent", "")[:200]}
    )
    if whole:
        request.session[WHOLE] = True
    safe = url_has_allowed_host_and_scheme(destination, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(destination if safe else reverse("patients"))
    lockout.remember(response, request, who.username)
    return response


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            trail.record(request.user.get_username(), "sign-out", "")
        return super().post(request, *args, **kwargs)


sign_in = SignIn.as_view()
sign_out = needs(What.OWN_SECURITY)(SignOut.as_view())
