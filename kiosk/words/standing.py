"""Words where nothing greets or asks any more."""

import msgspec


class Withdrawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    lines: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kiosk/words/<language>/standing.toml."""

    returned: str
    returned_lines: tuple[str, ...]
    urgent: tuple[str, ...]
    urgent_home: tuple[str, ...]
    urgent_anywhere: tuple[str, ...]
    access: Withdrawn
    consent: Withdrawn
