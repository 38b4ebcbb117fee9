"""Signing in and out."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from clinic.audit import trail
from clinic.console import lockout


class SignInForm(AuthenticationForm):
    """A locked name is refused before its password is looked at, in the same words whether it exists or not."""

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username") or "")
        if lockout.is_locked(username):
            trail.record(username, "sign-in-refused", "locked")
            raise ValidationError(gettext("Trop d’essais. Attendez un quart d’heure, puis réessayez."), code="locked")
        try:
            return super().clean()
        except ValidationError:
            lockout.failed(username)
            trail.record(username, "sign-in-refused", "wrong name or password")
            raise

    def get_invalid_login_error(self) -> ValidationError:
        return ValidationError(gettext("Ce nom et ce mot de passe ne vont pas ensemble."), code="invalid_login")


class SignIn(LoginView):
    template_name = "console/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        username = form.get_user().get_username()
        trail.record(username, "sign-in", "")
        lockout.signed_in(username)
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        locked = form.has_error("__all__", "locked")
        return self.render_to_response(self.get_context_data(form=form), status=429 if locked else 200)


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            trail.record(request.user.get_username(), "sign-out", "")
        return super().post(request, *args, **kwargs)


sign_in = SignIn.as_view()
sign_out = SignOut.as_view()
