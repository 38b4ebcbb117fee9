"""FHIR CarePlan: the versions that were signed."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Patient, Practitioner
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan
from mqtt_bridge.contract.codec import decode


class CarePlan(models.Model):
    """One signed version of a plan. `document` is what was signed, byte for byte."""

    plan = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_plans")
    device = models.ForeignKey(Device, models.PROTECT, related_name="care_plans")
    document = models.BinaryField()
    requester = models.ForeignKey(Practitioner, models.PROTECT, related_name="care_plans")
    signed_ms = models.BigIntegerField()
    stopped_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "version"], name="one_plan_a_version")]
        # Which plan was signed last is asked of hundreds at once, without reading the documents.
        indexes: ClassVar = [
            models.Index(fields=["patient", "-signed_ms", "-id", "stopped_ms"], name="plans_of_patient")
        ]

    def __str__(self) -> str:
        return f"{self.plan} version {self.version}"

    @property
    def content(self) -> ContractCarePlan:
        return decode(bytes(self.document), ContractCarePlan)
