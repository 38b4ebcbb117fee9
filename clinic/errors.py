"""What goes wrong at the clinic, in one small tree."""


class ClinicError(Exception):
    """Something that the person at the keyboard can put right: the message says what and how."""


class HomeError(ClinicError):
    """The clinic's home folder is missing, unreadable or of another clinic."""


class RecordError(ClinicError):
    """A practitioner, patient, box or plan that is not there, or may not be used so."""
