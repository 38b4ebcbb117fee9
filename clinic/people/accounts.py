"""Accounts, as an administrator keeps them: made with a first password that opens only the page to change it."""

import secrets

from clinic.clock import now_ms
from clinic.people.models import Practitioner
from clinic.people.refusals import Refusal

FIRST_PASSWORD_DAYS = 7
_DAY_MS = 86_400_000
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def give_first_password(practitioner: Practitioner) -> str:
    """A password told once, for a first signing in within FIRST_PASSWORD_DAYS; whoever is signed in is out."""
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    practitioner.set_password(password)
    practitioner.password_until_ms = now_ms() + FIRST_PASSWORD_DAYS * _DAY_MS
    practitioner.save()
    return password


def choose_password(practitioner: Practitioner, password: str) -> None:
    """Their own, already checked by the validators."""
    practitioner.set_password(password)
    practitioner.password_until_ms = None
    practitioner.save(update_fields=["password", "password_until_ms"])


def first_password_is_over(practitioner: Practitioner) -> bool:
    return practitioner.password_until_ms is not None and practitioner.password_until_ms <= now_ms()


def check_not_the_last_administrator(practitioner: Practitioner) -> None:
    """Raises Refusal when nobody could manage people any more. Within the transaction that changes them."""
    administrators = Practitioner.objects.select_for_update().filter(role="administrator", is_active=True)
    if {who.pk for who in administrators} == {practitioner.pk}:
        raise Refusal("last-administrator", "the last administrator keeps their account: make another first")
