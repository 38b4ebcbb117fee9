from django.conf import settings
from django.http import HttpRequest

from clinic.results.to_check import count_to_check


def house(request: HttpRequest) -> dict[str, object]:
    """What every page shows. `to_check` is counted only where it is shown: to someone signed in."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {"languages": settings.LANGUAGES, "to_check": count_to_check() if signed_in else 0}
