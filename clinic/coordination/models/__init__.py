"""FHIR Task; the handover of a shift; and who set aside what could not be read."""

from clinic.coordination.models.disposition import Disposition
from clinic.coordination.models.handover import Handover, HandoverLine, HandoverReading
from clinic.coordination.models.task import Task

__all__ = ["Disposition", "Handover", "HandoverLine", "HandoverReading", "Task"]
