"""Words of the messages."""

import msgspec


class Letters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kiosk/words/<language>/letters.toml."""

    title: str
    one_unread: str
    unread: str
    from_whom: str
    to_read: str
    empty: str
    more: str
    write: str
    reply: str
    what_reply: str
    mine: str
    placeholder: str
    send: str
    phrases_label: str
    keyboard: str
    phrases: tuple[str, ...]
    kept: str
    pending: str
    arrived: str
    held: str
    read_by: str
    warning: str
    warning_home: str
    urgent: str
    urgent_home: str
    today: str
    yesterday: str
    on_day: str
    months: tuple[str, ...]
