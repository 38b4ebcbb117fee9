"""What can go wrong between a text and its recording."""

from audio.errors import AudioError


class VoiceError(AudioError):
    """A text that could not be spoken, or a recording that is not what it should be."""
