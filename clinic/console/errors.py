"""The pages for what went wrong: calm, and telling what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    words = gettext("Cette demande n’a pas pu être lue : rien n’est enregistré. Revenez à la page, et recommencez.")
    return _page(request, gettext("Demande illisible"), words, 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    words = gettext("Cette page n’existe pas, ou ce dossier n’est pas de ceux que vous suivez.")
    return _page(request, gettext("Page introuvable"), words, 404)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, gettext("Demande refusée"), gettext("Revenez à vos patients et recommencez."), 403)


def failed(request: HttpRequest) -> HttpResponse:
    words = gettext("Rien n’est perdu. Réessayez dans un instant ; si cela dure, appelez le support.")
    return _page(request, gettext("La page n’a pas pu être faite"), words, 500)


def too_large(_request: HttpRequest) -> HttpResponse:
    """Words alone: who sends it is not known yet."""
    words = gettext("C’est trop gros : 5 Mo au plus. Rien n’est enregistré.")
    response = HttpResponse(words, status=413, content_type="text/plain; charset=utf-8")
    response.headers["Connection"] = "close"  # what is left of it is not read
    return response


def other_charset(_request: HttpRequest) -> HttpResponse:
    """Words alone, as above."""
    words = gettext("Ce texte n’est pas en UTF-8 : rien n’est enregistré. Envoyez-le depuis la page.")
    return HttpResponse(words, status=415, content_type="text/plain; charset=utf-8")


def _page(request: HttpRequest, title: str, words: str, status: int) -> HttpResponse:
    return render(request, "console/error.html", {"title": title, "words": words}, status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return refused(request, PermissionError())
