"""Registering boxes, revoking them, and finding the one that is meant."""

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
