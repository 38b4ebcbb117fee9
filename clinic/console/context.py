from django.conf import settings
from django.http import HttpRequest

from clinic.correspondence import delivering, helping
from clinic.people import emergency
from clinic.people.admission import waiting_for
from clinic.people.may import What, may, whats_of
from clinic.people.models import Practitioner
from clinic.results.to_check import count_to_check


def house(request: HttpRequest) -> dict[str, object]:
    """What every page shows. `to_check` is counted only where it is shown: to someone signed in."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    told = _signed_in(user) if signed_in and isinstance(user, Practitioner) else {}
    return {"languages": settings.LANGUAGES, "demonstration": settings.DEMONSTRATION, **told}


def _signed_in(who: Practitioner) -> dict[str, object]:
    """`may`: the codes of what this role may do, for the menu."""
    decides = may(who.role, What.DECIDE_ACCESS)
    return {
        "may": whats_of(who.role),
        "to_check": count_to_check() if may(who.role, What.CHECK_ARRIVALS) else 0,
        "requests_waiting": waiting_for(who).count() if decides else 0,
        "help_open": helping.still_open(who).count() if may(who.role, What.ANSWER_HELP) else 0,
        "deliveries_open": delivering.under_way(who).count() if may(who.role, What.TELL_DELIVERIES) else 0,
        "my_emergencies": emergency.in_force(who) if may(who.role, What.BREAK_GLASS) else (),
        "emergencies_unseen": emergency.unseen_by_referent(who) if decides else (),
    }
