"""`chevet-clinic doctor`: what is well at a clinic, what is not, and what to do about it."""

from clinic.doctor.examination import examine
from clinic.doctor.finding import Finding

__all__ = ["Finding", "examine"]
