"""Places that a chapter owns, a file for each capability. `chapters.TABLE` says which chapter."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Elsewhere:
    """What every place of a chapter is: frozen, and found in the table."""
