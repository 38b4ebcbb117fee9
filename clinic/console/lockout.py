"""Who guesses waits; who does not, does not, although somebody guesses at their name from elsewhere.

Failures are counted in a window of LOGIN_LOCKED_S, whether the name exists or not:

- of a name from one place (an address, or a browser that has signed in under this name before);
- of an address, over all names: one password tried on many;
- of a name, over all places that are not such a browser: many addresses at one name.

The last two do not touch a known browser: a stranger can lock a nurse out of a new machine, never out of hers.

A try is counted before anything is compared, and uncounted when it was right: who guesses a hundred at once gets no
more tries than who waits for each answer.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clinic.clock import now_ms
from clinic.console.address import address_of
from clinic.console.models import LoginFailure

NAME_MAX = 64
OF_ADDRESS_MAX = 50
OF_NAME_MAX = 20
NAMES_MAX = 12
"""How many names one browser is known under: the last ones."""
COOKIE = "known-browser"
_COOKIE_S = 180 * 86_400
_SALT = "chevet.known-browser"
_BROWSER = "browser:"


@dataclass(frozen=True)
class Attempt:
    """One try at one name. `place`: `browser:…` when it is known, an address otherwise."""

    username: str
    address: str
    place: str


def attempt(request: HttpRequest, username: str) -> Attempt:
    address, key = address_of(request), _key(username)
    known = _known(request).get(key)
    return Attempt(key, address, f"{_BROWSER}{known}" if known else address)


def may_try(tried: Attempt) -> bool:
    """Count this try as one that failed; whether it is one of those that are allowed. `right` takes it back.

    One that is not allowed is not counted: who is locked out does not make it longer by trying.
    """
    LoginFailure.objects.filter(failed_ms__lt=_since_ms()).delete()
    counted = LoginFailure.objects.create(username=tried.username, place=tried.place, failed_ms=now_ms())
    allowed = not _too_many(tried)
    if not allowed:
        counted.delete()
    return allowed


def right(tried: Attempt) -> None:
    """It was no failure after all, or nothing was guessed at: one less of those from this place."""
    last = LoginFailure.objects.filter(username=tried.username, place=tried.place).order_by("pk").last()
    if last is not None:
        last.delete()


def _too_many(tried: Attempt) -> bool:
    """This try among them."""
    if _recent().filter(username=tried.username, place=tried.place).count() > settings.LOGIN_FAILURES_MAX:
        return True
    if tried.place.startswith(_BROWSER):
        return False
    strange = _recent().exclude(place__startswith=_BROWSER)
    return (
        strange.filter(place=tried.address).count() > OF_ADDRESS_MAX
        or strange.filter(username=tried.username).count() > OF_NAME_MAX
    )


def signed_in(tried: Attempt) -> None:
    LoginFailure.objects.filter(username=tried.username, place=tried.place).delete()


def remember(response: HttpResponse, request: HttpRequest, username: str) -> None:
    """This browser has signed in under this name: a cookie that the clinic signs says so."""
    others = {name: known for name, known in _known(request).items() if name != _key(username)}
    known = _known(request).get(_key(username)) or secrets.token_hex(8)
    kept = dict([*others.items(), (_key(username), known)][-NAMES_MAX:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=_COOKIE_S,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    """By name: the mark under which this browser is known. A ward's machine serves several people."""
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_COOKIE_S)
    except signing.BadSignature:
        return {}
    return {str(name): str(mark) for name, mark in told.items()} if isinstance(told, dict) else {}


def _recent() -> QuerySet[LoginFailure]:
    return LoginFailure.objects.filter(failed_ms__gte=_since_ms())


def _since_ms() -> int:
    return now_ms() - int(settings.LOGIN_LOCKED_S) * 1000


def _key(username: str) -> str:
    return username.replace("\0", "")[:NAME_MAX].lower()
