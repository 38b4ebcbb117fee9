from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from clinic.clock import now_ms
from clinic.console.counting import counted
from clinic.console.parts import is_part
from clinic.coordination.dispositions import aside_to_check, held_to_check
from clinic.correspondence import delivering, helping
from clinic.people import emergency
from clinic.people.admission import waiting_for
from clinic.people.may import What, may, whats_of
from clinic.people.models import Practitioner


def house(request: HttpRequest) -> dict[str, object]:
    """What every page shows, to someone signed in. `may`: the codes of what this role may do."""
    user = getattr(request, "user", None)
    told: dict[str, object] = {
        "languages": settings.LANGUAGES,
        "demonstration": settings.DEMONSTRATION,
        "printed_ms": now_ms(),
    }
    if isinstance(user, Practitioner) and user.is_authenticated:
        told["may"] = whats_of(user.role)
        if not is_part(request):
            told |= _waiting(user)
    return told


def _waiting(who: Practitioner) -> dict[str, object]:
    """What waits for them, beside the menu: the counts are one query for all."""
    n = counted(who, _asked(who))
    return {
        "to_check": n.get("held", 0) + n.get("aside", 0),
        "requests_waiting": n.get("requests", 0),
        "help_open": n.get("help", 0),
        "deliveries_open": n.get("deliveries", 0),
        "my_emergencies": emergency.in_force(who) if n.get("emergencies") else (),
        "emergencies_unseen": emergency.unseen_by_referent(who) if n.get("unseen") else (),
    }


def _asked(who: Practitioner) -> dict[str, QuerySet[Any]]:
    asked: dict[str, tuple[What, QuerySet[Any]]] = {
        "held": (What.CHECK_ARRIVALS, held_to_check()),
        "aside": (What.CHECK_ARRIVALS, aside_to_check()),
        "requests": (What.DECIDE_ACCESS, waiting_for(who)),
        "help": (What.ANSWER_HELP, helping.still_open(who)),
        "deliveries": (What.TELL_DELIVERIES, delivering.under_way(who)),
        "emergencies": (What.BREAK_GLASS, emergency.in_force(who)),
        "unseen": (What.DECIDE_ACCESS, emergency.unseen_by_referent(who)),
    }
    return {name: found for name, (what, found) in asked.items() if may(who.role, what)}
