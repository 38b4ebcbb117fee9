"""A colon as each language sets it."""

from django.utils.translation import get_language


def colon() -> str:
    """French puts a space before it, where no line may break."""
    return "\N{NO-BREAK SPACE}:" if (get_language() or "fr").startswith("fr") else ":"
