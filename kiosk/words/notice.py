"""A calm screen, in words."""

import msgspec


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened, and what to do."""

    title: str
    lines: tuple[str, ...]
