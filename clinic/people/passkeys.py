"""Passkeys of one practitioner (« clés d'accès »): a second factor that is touched, beside codes or in their stead."""

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from clinic.clock import now_ms
from clinic.people import webauthn
from clinic.people.models import Passkey, Practitioner
from clinic.people.refusals import Refusal
from clinic.public_url import PublicUrl

PASSKEYS_MAX = 10
NAME_MAX = 60


def of(practitioner: Practitioner) -> list[Passkey]:
    """Theirs, the oldest first."""
    return list(Passkey.objects.filter(practitioner=practitioner).order_by("made_ms", "pk"))


def asked_to_make(practitioner: Practitioner, place: PublicUrl, challenge: str) -> str:
    """What the browser is asked, as JSON. The account's handle tells nobody who it is."""
    handle = salted_hmac("chevet.passkey", str(practitioner.pk), algorithm="sha256").digest()
    names = (practitioner.username, str(practitioner))
    return webauthn.creation_options(place, handle, names, [one.credential for one in of(practitioner)], challenge)


def add(practitioner: Practitioner, name: str, place: PublicUrl, challenge: str, answer: str) -> Passkey:
    """Keep the passkey that answers this challenge. Raises NotAnAnswer, or Refusal: too many, or registered already."""
    made = webauthn.registered(place, challenge, answer)
    with transaction.atomic():
        Practitioner.objects.select_for_update().get(pk=practitioner.pk)
        if Passkey.objects.filter(practitioner=practitioner).count() >= PASSKEYS_MAX:
            raise Refusal("passkeys-too-many", f"at most {PASSKEYS_MAX} passkeys: remove one first")
        return _kept(practitioner, name, made)


def _kept(practitioner: Practitioner, name: str, made: webauthn.Registered) -> Passkey:
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                practitioner=practitioner,
                name=name[:NAME_MAX],
                credential=made.credential,
                attested=made.attested,
                counter=made.counter,
                made_ms=now_ms(),
            )
    except IntegrityError as error:
        raise Refusal("passkey-known", "this passkey is registered already") from error


def asked_to_answer(practitioner: Practitioner, place: PublicUrl, challenge: str) -> str:
    """What the browser is asked, as JSON; empty when they have none."""
    known = [one.credential for one in of(practitioner)]
    return webauthn.request_options(place, known, challenge) if known else ""


def use(practitioner: Practitioner, place: PublicUrl, challenge: str, answer: str) -> Passkey:
    """Which of theirs signed this challenge at this address, now. Raises NotAnAnswer.

    A counter that has not grown is that of a copy (WebAuthn, 7.2, step 21): refused.
    """
    mine = {one.credential: one for one in of(practitioner)}
    told = webauthn.answered(place, challenge, [bytes(one.attested) for one in mine.values()], answer)
    passkey = mine[told.credential]
    same = Passkey.objects.filter(pk=passkey.pk)
    newer = same.filter(counter__lt=told.counter) if told.counter or passkey.counter else same.filter(counter=0)
    if not newer.update(counter=told.counter, used_ms=now_ms()):
        words = f"passkey {passkey.pk}: its counter went from {passkey.counter} to {told.counter}: perhaps a copy"
        raise webauthn.NotAnAnswer(words)
    return passkey


def remove(passkey: Passkey) -> None:
    passkey.delete()
