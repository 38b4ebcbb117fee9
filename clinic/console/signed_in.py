from django.http import HttpRequest

from clinic.people.models import Practitioner


def practitioner_of(request: HttpRequest) -> Practitioner:
    """Who asks. Every page but the sign-in is behind LoginRequiredMiddleware."""
    if not isinstance(request.user, Practitioner):
        raise TypeError("a page that shows a record was asked for by nobody")
    return request.user
