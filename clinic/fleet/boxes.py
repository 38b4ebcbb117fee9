"""Registering boxes, revoking them, and finding the one that is meant."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.models import Device, DeviceAssociation
from clinic.people.models import Patient
from mqtt_bridge.seal import PublicKeys


def register(box: str, keys: PublicKeys, patient: Patient) -> Device:
    """A new box for this patient. Raises RecordError when the name is taken."""
    if Device.objects.filter(id=box).exists():
        raise RecordError(f"box {box!r} is enrolled already: revoke it first, and enrol it under another name")
    device = Device.objects.create(id=box, verify_key=keys.verify, seal_key=keys.seal, enrolled_ms=now_ms())
    DeviceAssociation.objects.create(device=device, patient=patient, since_ms=device.enrolled_ms)
    return device


def box_named(box: str) -> Device:
    """An enrolled box that is not revoked. Raises RecordError."""
    device = Device.objects.filter(id=box).first()
    if device is None:
        raise RecordError(f"no box {box!r}: enrol it with `chevet-clinic enrol {box} --patient P --out DIR`")
    if device.revoked_ms is not None:
        raise RecordError(f"box {box!r} is revoked: enrol it again under another name")
    return device


def revoke(device: Device) -> None:
    device.revoked_ms = now_ms()
    device.save(update_fields=["revoked_ms"])


def was_for(device: Device, patient_id: str) -> bool:
    """Whether the box is, or ever was, for this patient: a report may come weeks after the box changed hands."""
    return DeviceAssociation.objects.filter(device=device, patient_id=patient_id).exists()


def is_for(device: Device, patient: Patient) -> bool:
    return DeviceAssociation.objects.filter(device=device, patient=patient, until_ms=None).exists()


def boxes_of(patient: Patient) -> list[Device]:
    """The boxes that are for this patient now, but for the revoked ones."""
    found = Device.objects.filter(associations__patient=patient, associations__until_ms=None, revoked_ms=None)
    return list(found.order_by("id"))


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
