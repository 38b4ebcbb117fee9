"""Words around the lessons; the lessons' own travel with the plan."""

import msgspec


class Lessons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kiosk/words/<language>/lessons.toml."""

    to_read: str
    again: str
    more: str
