"""What this room of the ear raises on purpose."""

from audio.errors import AudioError


class CalibrationError(AudioError):
    """A calibration file that must not be used."""
