"""Registering boxes, revoking them, and finding the one that is meant."""

from itertools import count

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.models import Device, DeviceAssociation, EnrolmentCode
from clinic.people.models import Patient
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.enrolment import Place
from mqtt_bridge.seal import PublicKeys


def register(box: str, keys: PublicKeys, patient: Patient, addresses: str = "") -> Device:
    """A new box for this patient, which was told these addresses. Raises RecordError when the name is taken."""
    if Device.objects.filter(id=box).exists():
        raise RecordError(f"box {box!r} is enrolled already: revoke it first, and enrol it under another name")
    device = Device.objects.create(
        id=box, verify_key=keys.verify, seal_key=keys.seal, enrolled_ms=now_ms(), addresses=addresses
    )
    DeviceAssociation.objects.create(device=device, patient=patient, since_ms=device.enrolled_ms)
    return device


def check_name(box: str) -> None:
    """Raises ContractError, or RecordError: a name that no box may have."""
    if box == "ingest":
        raise RecordError("`ingest` is the clinic's own name at the broker: give the box another")
    decode(encode(Place(clinic="clinic", box=box, broker_host="", broker_port=0)), Place)


def free_name() -> str:
    """The next « box-7 » that no box has, or ever had, and that no code is for."""
    taken = {*Device.objects.values_list("id", flat=True), *EnrolmentCode.objects.values_list("box", flat=True)}
    return next(name for number in count(1) if (name := f"box-{number}") not in taken)


def box_named(box: str) -> Device:
    """An enrolled box that is not revoked. Raises RecordError."""
    device = Device.objects.filter(id=box).first()
    if device is None:
        raise RecordError(f"no box {box!r}: enrol it with `chevet-clinic enrol {box} --patient P --out DIR`")
    if device.revoked_ms is not None:
        raise RecordError(f"box {box!r} is revoked: enrol it again under another name")
    return device


def revoke(device: Device, reason: str = "") -> None:
    """Nothing that it sends is kept from now on; the registrar closes the broker's door."""
    device.revoked_ms, device.revoked_reason = now_ms(), reason.strip()[:REASON_MAX]
    device.save(update_fields=["revoked_ms", "revoked_reason"])


def note_returned(device: Device) -> None:
    """Staff have it in their hands. The first time stays."""
    Device.objects.filter(pk=device.pk, returned_ms=None).update(returned_ms=now_ms())


def note_disinfected(device: Device, by: str) -> None:
    """Its headphones are clean for the next person. Raises RecordError: it is not back yet."""
    if not Device.objects.filter(pk=device.pk).exclude(returned_ms=None).exists():
        raise RecordError(f"the box {device.id} is not back yet: note first that it is")
    Device.objects.filter(pk=device.pk).update(disinfected_ms=now_ms(), disinfected_by=by[:150])


def was_for(device: Device, patient_id: str) -> bool:
    """Whether the box is, or ever was, for this patient: a report may come weeks after the box changed hands."""
    return DeviceAssociation.objects.filter(device=device, patient_id=patient_id).exists()


def is_for(device: Device, patient: Patient) -> bool:
    return DeviceAssociation.objects.filter(device=device, patient=patient, until_ms=None).exists()


def boxes_of(patient: Patient) -> list[Device]:
    """The boxes that are for this patient now, but for the revoked ones."""
    found = Device.objects.filter(associations__patient=patient, associations__until_ms=None, revoked_ms=None)
    return list(found.order_by("id"))


REASON_MAX = 500
RESIDENTS_MAX = 12
"""One order names the plans of all residents of a shared box (A3): the contract holds so many."""


def assign(device: Device, patient: Patient) -> DeviceAssociation:
    """The box is for this patient too. Raises RecordError when it is for as many as it can be."""
    with transaction.atomic():
        Device.objects.select_for_update().get(pk=device.pk)
        here = DeviceAssociation.objects.filter(device=device, until_ms=None)
        kept = here.filter(patient=patient).first()
        if kept is None and here.count() >= RESIDENTS_MAX:
            raise RecordError(
                f"the box {device.id} is for {RESIDENTS_MAX} people already: take one off, or enrol another box"
            )
        return kept or DeviceAssociation.objects.create(device=device, patient=patient, since_ms=now_ms())


def take_off(device: Device, patient: Patient) -> None:
    """The box is no longer for this patient. Raises RecordError when it was not."""
    found = DeviceAssociation.objects.filter(device=device, patient=patient, until_ms=None)
    if not found.update(until_ms=now_ms()):
        raise RecordError(f"the box {device.id} is not for {patient.id}")
