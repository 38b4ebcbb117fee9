"""One-time codes by which boxes enrol themselves: made by staff, good once, for a day, a few tries at most."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import check_name, free_name, register
from clinic.fleet.certificates import note
from clinic.fleet.models import Device, EnrolmentCode
from clinic.people.models import Patient
from mqtt_bridge import authority, enrolment_code, seal
from mqtt_bridge.contract.enrolling import EnrolmentAsked

HOUR_MS = 3_600_000
VALID_HOURS, VALID_HOURS_MAX = 24, 7 * 24
TRIES_MAX = 5
NAMES_TRIED_MAX = 20

Sign = Callable[[str, str], bytes]
"""(signing request, box) -> the certificate, PEM."""


class CodeRefused(RecordError):
    """No box is enrolled by this code: unknown, mistyped, tried too often, expired, cancelled, or used by another.

    counted: whether it was one of the few tries of a code that there is; what a stranger guesses is none.
    """

    def __init__(self, *, counted: bool = True) -> None:
        self.counted = counted
        super().__init__(
            "the clinic does not take this code: it is mistyped, older than its time, used already, or was tried too "
            "often; ask for a new one"
        )


@dataclass(frozen=True)
class Made:
    """A code as staff see it, once: nobody can read its secret again."""

    code: EnrolmentCode
    text: str


def make_code(patient: Patient, box: str, ca: bytes, by: str, hours: int = VALID_HOURS) -> Made:
    """A code for a box of this name (empty: the next free one). Raises RecordError: the name is taken.

    A former code for the same name is worth nothing any more.
    """
    if not 1 <= hours <= VALID_HOURS_MAX:
        raise RecordError(f"a code lives from 1 to {VALID_HOURS_MAX} hours, not {hours}")
    fingerprint = authority.fingerprint(ca)
    for _ in range(NAMES_TRIED_MAX):
        name = box or free_name()
        _check_free(name)
        try:
            with transaction.atomic():
                if box:  # a name that was free has no former code, but for one that is made at this instant
                    living = EnrolmentCode.objects.filter(box=name, used_ms=None, cancelled_ms=None)
                    living.update(cancelled_ms=now_ms())
                return _make(patient, name, fingerprint, by, hours)
        except IntegrityError:
            continue
    raise RecordError("other codes are made at this very moment: try again")


def _check_free(name: str) -> None:
    check_name(name)
    if "." in name:
        raise RecordError(f"{name!r} has a dot: some brokers carry a topic's slashes as dots; give another name")
    if Device.objects.filter(id=name).exists():
        raise RecordError(f"box {name!r} is enrolled already: a box that comes back gets another name")


def _make(patient: Patient, box: str, ca_fingerprint: bytes, by: str, hours: int) -> Made:
    """Raises IntegrityError: its name is taken, or the box has a code that lives."""
    drawn, at_ms = enrolment_code.make(ca_fingerprint), now_ms()
    row = EnrolmentCode.objects.create(
        name=drawn.name,
        digest=seal.code_digest(drawn.secret),
        box=box,
        patient=patient,
        made_ms=at_ms,
        made_by=by[:150],
        expires_ms=at_ms + hours * HOUR_MS,
    )
    return Made(row, drawn.text)


def cancel(code: EnrolmentCode) -> None:
    EnrolmentCode.objects.filter(pk=code.pk, used_ms=None).update(cancelled_ms=now_ms())


def waiting() -> QuerySet[EnrolmentCode]:
    """Codes that a box may still use, the oldest first."""
    alive = EnrolmentCode.objects.filter(used_ms=None, cancelled_ms=None, expires_ms__gt=now_ms(), tries__lt=TRIES_MAX)
    return alive.select_related("patient").order_by("made_ms")


def use(asked: EnrolmentAsked, sign: Sign, addresses: str = "") -> tuple[EnrolmentCode, bool]:
    """Register the box that asks: the code with its certificate, and whether it is new. Raises CodeRefused.

    A try is counted and committed before the secret is compared: a switch pulled in between gives no free one. The
    same keys get the same answer again while the code lives: it may have been lost on the way.
    """
    row = _count_try(asked.name)
    if not seal.code_matches(row.digest, asked.secret):
        raise CodeRefused
    with transaction.atomic():
        row = EnrolmentCode.objects.select_for_update().select_related("patient").get(pk=row.pk)
        keys = keys_digest(asked)
        if row.used_ms is not None and row.used_keys != keys:
            raise CodeRefused
        EnrolmentCode.objects.filter(pk=row.pk).update(tries=0)
        if row.used_ms is None:
            _register(row, asked, keys, sign, addresses)
            return row, True
    return row, False


def keys_digest(asked: EnrolmentAsked) -> str:
    """SHA-256 over all three public keys of a box."""
    key = authority.request_key(asked.request.encode())
    return hashlib.sha256(asked.verify + asked.seal + bytes.fromhex(key)).hexdigest()


def _count_try(name: str) -> EnrolmentCode:
    at_ms = now_ms()
    alive = EnrolmentCode.objects.filter(name=name, cancelled_ms=None, expires_ms__gt=at_ms, tries__lt=TRIES_MAX)
    if not alive.update(tries=F("tries") + 1):
        raise CodeRefused(counted=False)
    return EnrolmentCode.objects.get(name=name)


def _register(row: EnrolmentCode, asked: EnrolmentAsked, keys: str, sign: Sign, addresses: str) -> None:
    public = seal.PublicKeys(verify=asked.verify, seal=asked.seal)
    try:
        with transaction.atomic():
            device = register(row.box, public, row.patient, addresses)
    except (RecordError, IntegrityError) as error:  # enrolled from a file meanwhile
        raise CodeRefused from error
    certificate = sign(asked.request, row.box)
    note(device, authority.facts(certificate))
    row.used_ms, row.used_keys, row.certificate = now_ms(), keys, certificate.decode()
    row.save(update_fields=["used_ms", "used_keys", "certificate"])
