"""Words from a field that no form of Django's checks: a page takes them by this function and by no other way."""

from django.http import HttpRequest


def typed(request: HttpRequest, name: str) -> str:
    """What was sent under this name, empty without it; without NUL, which PostgreSQL keeps in no text."""
    return clean(request.POST.get(name, ""))


def clean(words: str) -> str:
    return words.replace("\0", "")
