"""Help, and where a request for it is."""

import msgspec


class HelpingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`title` is the first thing said, always. What to do, by the place of living; `anywhere` where it is unknown."""

    title: str
    establishment: tuple[str, ...]
    home: tuple[str, ...]
    anywhere: tuple[str, ...]
    ask: str
    pending: str
    arrived: str
    held: str
    """The clinic has it, and nobody there can read it yet."""
    read_help: str
    again: str
    training: str
    """In place of where a request is: nothing of a training leaves the box."""
