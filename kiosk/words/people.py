"""Words of signing in and out."""

import msgspec


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kiosk/words/<language>/people.toml."""

    who: str
    who_detail: str
    more: str
    code: str
    touch_pictures: str
    touch_digits: str
    wrong: str
    wait_one: str
    wait: str
    leave: str
    leave_detail: str
    still_there: str
    still_there_lines: tuple[str, ...]
    still_here: str
