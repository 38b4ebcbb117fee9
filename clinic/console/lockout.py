"""After LOGIN_FAILURES_MAX failures in LOGIN_LOCKED_S, a name waits, whether it exists or not."""

from django.conf import settings
from django.db.models import QuerySet

from clinic.clock import now_ms
from clinic.console.models import LoginFailure

NAME_MAX = 64


def is_locked(username: str) -> bool:
    return _recent(username).count() >= settings.LOGIN_FAILURES_MAX


def failed(username: str) -> None:
    LoginFailure.objects.filter(failed_ms__lt=_since_ms()).delete()
    LoginFailure.objects.create(username=_key(username), failed_ms=now_ms())


def signed_in(username: str) -> None:
    LoginFailure.objects.filter(username=_key(username)).delete()


def _recent(username: str) -> QuerySet[LoginFailure]:
    return LoginFailure.objects.filter(username=_key(username), failed_ms__gte=_since_ms())


def _since_ms() -> int:
    return now_ms() - int(settings.LOGIN_LOCKED_S) * 1000


def _key(username: str) -> str:
    return username.replace("\0", "")[:NAME_MAX].lower()
