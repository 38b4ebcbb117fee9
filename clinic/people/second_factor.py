"""The second factor of one practitioner: an application, passkeys, and recovery codes for the day they are lost."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from clinic.clock import now_ms
from clinic.people import one_time_code
from clinic.people.models import Passkey, Practitioner, RecoveryCode, SecondFactor
from clinic.people.refusals import Refusal

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is taken for a figure."""
_GROUP = 5


def is_set_up(practitioner: Practitioner) -> bool:
    """An application or a passkey: either is enough."""
    return has_application(practitioner) or Passkey.objects.filter(practitioner=practitioner).exists()


def has_application(practitioner: Practitioner) -> bool:
    return _confirmed(practitioner) is not None


def check_not_the_last(practitioner: Practitioner) -> None:
    """Before one of their passkeys goes. Raises Refusal: nothing else would be left. Within the transaction."""
    Practitioner.objects.select_for_update().get(pk=practitioner.pk)
    if not has_application(practitioner) and Passkey.objects.filter(practitioner=practitioner).count() <= 1:
        raise Refusal("last-factor", "this is their only second factor: add another first")


def begin(practitioner: Practitioner) -> bytes:
    """A secret to confirm; the same one until it is. It replaces nothing that is confirmed."""
    kept, made = SecondFactor.objects.get_or_create(
        practitioner=practitioner,
        defaults={"sealed_secret": one_time_code.seal(one_time_code.new_secret(), settings.SECRET_KEY)},
    )
    if not made and kept.confirmed_ms is not None:
        raise ValueError(f"{practitioner.username} has a second factor: remove it first")
    try:
        return _secret(kept)
    except one_time_code.SecretUnreadable:  # begun under another secret key, and nobody has scanned it: another one
        kept.delete()
        return begin(practitioner)


def confirm(practitioner: Practitioner, code: str) -> list[str]:
    """A first code of the application: it counts from now. The recovery codes, told once; none when it was wrong."""
    with transaction.atomic():
        waiting = SecondFactor.objects.select_for_update().filter(practitioner=practitioner, confirmed_ms=None).first()
        step = one_time_code.step_of(_secret(waiting), code) if waiting else None
        if waiting is None or step is None:
            return []
        waiting.confirmed_ms, waiting.last_step = now_ms(), step
        waiting.save()
        return new_recovery_codes(practitioner)


def accepts(practitioner: Practitioner, code: str) -> bool:
    """Whether this is a code of theirs: of the application, never taken before, or a recovery code, now used."""
    kept = _confirmed(practitioner)
    step = one_time_code.step_of(_secret(kept), code) if kept else None
    if step is not None:
        newer = SecondFactor.objects.filter(practitioner=practitioner, last_step__lt=step)
        return newer.update(last_step=step) == 1
    return _use_recovery_code(practitioner, code)


def new_recovery_codes(practitioner: Practitioner) -> list[str]:
    """Ten codes, told once; the former ones are worth nothing any more."""
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(practitioner=practitioner).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(practitioner=practitioner, digest=_digest(practitioner, code)) for code in codes
        )
    return codes


def recovery_codes_left(practitioner: Practitioner) -> int:
    return RecoveryCode.objects.filter(practitioner=practitioner, used_ms=None).count()


def remove(practitioner: Practitioner) -> None:
    """All of it, for a lost telephone or key: they set up another at their next signing in."""
    with transaction.atomic():
        SecondFactor.objects.filter(practitioner=practitioner).delete()
        Passkey.objects.filter(practitioner=practitioner).delete()
        RecoveryCode.objects.filter(practitioner=practitioner).delete()


def remove_application(practitioner: Practitioner) -> None:
    """For another telephone; passkeys and recovery codes stay while there is a passkey."""
    with transaction.atomic():
        SecondFactor.objects.filter(practitioner=practitioner).delete()
        if not Passkey.objects.filter(practitioner=practitioner).exists():
            RecoveryCode.objects.filter(practitioner=practitioner).delete()


def _confirmed(practitioner: Practitioner) -> SecondFactor | None:
    return SecondFactor.objects.filter(practitioner=practitioner).exclude(confirmed_ms=None).first()


def _use_recovery_code(practitioner: Practitioner, code: str) -> bool:
    mine = RecoveryCode.objects.filter(practitioner=practitioner, digest=_digest(practitioner, code), used_ms=None)
    return mine.update(used_ms=now_ms()) == 1


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(2 * _GROUP))
    return f"{letters[:_GROUP]}-{letters[_GROUP:]}"


def _digest(practitioner: Practitioner, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return salted_hmac(f"chevet.recovery.{practitioner.pk}", plain, algorithm="sha256").hexdigest()


def _secret(kept: SecondFactor) -> bytes:
    return one_time_code.unseal(bytes(kept.sealed_secret), settings.SECRET_KEY)
