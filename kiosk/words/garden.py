"""The garden: progress, told simply (A13)."""

import msgspec


class GardenWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No diagnosis, no promise, and nothing about days without a care."""

    link: str
    title: str
    no_care: str
    one_care: str
    many_cares: str
    last_care: str
    more: str
