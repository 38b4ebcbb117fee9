"""The garden: progress, told simply (A13)."""

import msgspec


class GardenWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No diagnosis, no promise, and nothing about days without a care."""

    link: str
    title: str
    none: str
    one: str
    many: str
    pairs: str
    more: str
