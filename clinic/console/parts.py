"""Parts of pages: what htmx asks for. Every page works without it, so a part is never more than a page has."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponse]


def is_part(request: HttpRequest) -> bool:
    """Whether the page's own script asks for a part, not a person for a page."""
    return request.headers.get("HX-Request") == "true"


def whole_pages(get_response: GetResponse) -> GetResponse:
    """Where a part would be a redirect (the session has ended), the browser goes there with its whole page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if is_part(request) and response.status_code in (301, 302, 303):
            return HttpResponse(status=204, headers={"HX-Redirect": _place(response.headers["Location"])})
        patch_vary_headers(response, ("HX-Request",))
        return response

    return middleware


def _place(location: str) -> str:
    """After signing in again the person comes back to the page that asked, not to a part of it."""
    login = resolve_url(settings.LOGIN_URL)
    return login if urlsplit(location).path == login else location
