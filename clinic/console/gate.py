"""What a person must have done, and be, before a page is made for them.

Every page is closed but to those who may read records, unless it says otherwise with `needs`.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse

from clinic.audit import trail
from clinic.console.signed_in import practitioner_of
from clinic.people import second_factor
from clinic.people.may import What, may

View = Callable[..., HttpResponse]
GetResponse = Callable[[HttpRequest], HttpResponse]

WHOLE = "second_factor"
"""In the session: a second factor was given."""
_ALWAYS = frozenset({"logout", "language"})
_WITH_A_FIRST_PASSWORD = _ALWAYS | {"password"}
_WITHOUT_SECOND_FACTOR = _ALWAYS | {"password", "second-factor", "add-passkey"}


def needs(what: What) -> Callable[[View], View]:
    """The page is for whoever may do this; of which patients, the page itself asks `clinic.people.access`."""

    def mark(view: View) -> View:
        view.needs = what  # type: ignore[attr-defined]
        return view

    return mark


def signed_in_whole(get_response: GetResponse) -> GetResponse:
    """A first password opens only the page that changes it; without a second factor, only the page that sets it up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        page = _page_before(request) if request.user.is_authenticated else ""
        if not page:
            return get_response(request)
        return HttpResponseRedirect(reverse(page))

    return middleware


def _page_before(request: HttpRequest) -> str:
    """The name of the page that comes first, empty when the one that is asked for may be made."""
    who, asked = practitioner_of(request), resolve(request.path_info).url_name if _is_page(request) else ""
    if who.password_until_ms is not None:
        return "" if asked in _WITH_A_FIRST_PASSWORD else "password"
    if not settings.SECOND_FACTOR_REQUIRED or request.session.get(WHOLE):
        return ""
    if second_factor.is_set_up(who):  # set up elsewhere since this session began
        logout(request)
        return "login"
    return "" if asked in _WITHOUT_SECOND_FACTOR else "second-factor"


def _is_page(request: HttpRequest) -> bool:
    from django.urls import Resolver404

    try:
        resolve(request.path_info)
    except Resolver404:
        return False
    return True


class Permitted:
    """Refuses a page to a role that may not do what it is for, and records that."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: View, _words: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        who, what = practitioner_of(request), getattr(view, "needs", What.READ_RECORD)
        if not may(who.role, what):
            trail.record(who.username, "refused", f"{request.path}: {what}", str(named.get("patient_id", "")))
            raise PermissionDenied
