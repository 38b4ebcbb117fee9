"""Sessions that know whose they are, so that a person sees where they are signed in and ends it everywhere."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.utils import timezone

from clinic.console.models import SignedInSession
from clinic.people.models import Practitioner

BROWSER, ADDRESS, SINCE_MS = "browser", "address", "since_ms"


class SessionStore(DatabaseStore):
    """Django's own store in our table, which also tells whose a session is."""

    @classmethod
    def get_model_class(cls) -> type[SignedInSession]:
        return SignedInSession

    def create_model_instance(self, data: dict[str, Any]) -> SignedInSession:
        made = super().create_model_instance(data)
        if not isinstance(made, SignedInSession):
            raise TypeError(f"a session of another table: {made!r}")
        who = data.get(SESSION_KEY)
        made.practitioner_id = int(who) if who else None
        made.browser, made.address = str(data.get(BROWSER, ""))[:200], str(data.get(ADDRESS, ""))[:64]
        made.since_ms = data.get(SINCE_MS)
        return made


def sessions_of(practitioner: Practitioner) -> QuerySet[SignedInSession]:
    alive = SignedInSession.objects.filter(practitioner=practitioner, expire_date__gt=timezone.now())
    return alive.order_by("-since_ms")


def forget_expired() -> None:
    """At each signing in, so that the table stays as small as the staff."""
    SignedInSession.objects.filter(expire_date__lte=timezone.now()).delete()


def end_all_of(practitioner: Practitioner, but: str | None = None) -> int:
    """Sign out everywhere, `but` this session; how many were ended."""
    theirs = SignedInSession.objects.filter(practitioner=practitioner)
    ended, _ = theirs.exclude(session_key=but or "").delete()
    return ended
