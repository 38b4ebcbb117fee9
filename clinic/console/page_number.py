"""Which page of a list is asked for."""

from django.http import HttpRequest


def page_number(request: HttpRequest) -> int:
    """As it was asked for; what makes no sense is the first."""
    asked = request.GET.get("page", "")
    return max(1, int(asked)) if is_number(asked) else 1


def is_number(typed: str) -> bool:
    """Such as no database finds too large."""
    return typed.isascii() and typed.isdecimal() and len(typed) < 9
