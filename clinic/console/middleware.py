"""Small decisions made around every page."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from clinic.audit import trail
from clinic.console.errors import other_charset, too_large
from clinic.console.sessions import SINCE_MS

GetResponse = Callable[[HttpRequest], HttpResponse]

_SEEN = "seen_s"
_SEEN_EVERY_S = 60
"""The session row is written at most once a minute, so that reading pages hardly ever waits for ingest."""


def not_too_large(get_response: GetResponse) -> GetResponse:
    """Refused before a byte of it is read: a page takes in forms, not films."""

    def middleware(request: HttpRequest) -> HttpResponse:
        told = request.headers.get("Content-Length") or "0"
        if not told.isdecimal() or int(told) > settings.UPLOAD_BYTES_MAX:
            return too_large(request)
        return get_response(request)

    return middleware


def in_utf8(get_response: GetResponse) -> GetResponse:
    """Browsers send our forms in UTF-8. Another charset could bring what no text is, as half a sign (UTF-7)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        return get_response(request) if charset.lower() in ("utf-8", "utf8") else other_charset(request)

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """The clinic's language unless this browser has chosen the other: what the browser prefers decides nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        known = chosen in dict(settings.LANGUAGES)
        with translation.override(chosen if known else settings.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            return response

    return middleware


def expiry(get_response: GetResponse) -> GetResponse:
    """Sign out whoever has not asked for a page for SESSION_IDLE_S_MAX, or signed in SESSION_S_MAX ago."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now_s = int(time.time())
            seen_s = request.session.get(_SEEN, now_s)
            since_s = request.session.setdefault(SINCE_MS, now_s * 1000) // 1000
            if now_s - seen_s > settings.SESSION_IDLE_S_MAX or now_s - since_s > settings.SESSION_S_MAX:
                trail.record(request.user.get_username(), "sign-out", "expired")
                logout(request)
            elif now_s - seen_s >= _SEEN_EVERY_S or _SEEN not in request.session:
                request.session[_SEEN] = now_s
        return get_response(request)

    return middleware


def not_kept_by_browsers(get_response: GetResponse) -> GetResponse:
    """A record must not be found again with the Back button of a shared machine."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware
