"""Words of the box about itself, and of staff on it."""

import msgspec

from kiosk.words.notice import Notice


class ServiceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kiosk/words/<language>/service.toml. checks, remedies: by the name of a self-test's check.

    full_of: what to do about a card without room, by what fills it.
    causes: why a care failed, by the code of the reports. What has no words is told as « other », never by its code.
    """

    link: str
    pin: str
    pin_detail: str
    pin_wrong: str
    no_pin: str
    no_pin_lines: tuple[str, ...]
    no_pin_card_lines: tuple[str, ...]
    no_pin_wrong_lines: tuple[str, ...]
    no_pin_unread_lines: tuple[str, ...]
    menu: str
    leave: str
    test: str
    level: str
    training: str
    training_end: str
    training_mark: str
    death: str
    restart: str
    box: str
    answered: str
    never_answered: str
    answered_unknown: str
    waiting: str
    nothing_waits: str
    clock_sure: str
    clock_unsure: str
    room: str
    headphones: str
    headphones_unmeasured: str
    no_plan: dict[str, Notice]
    banner_full: str
    banner_no_sound: str
    banner_silent: str
    banner_clock: str
    a_minute: str
    minutes: str
    an_hour: str
    hours: str
    days: str
    test_title: str
    test_running: str
    keep: str
    yes: str
    no: str
    fails: str
    skip: str
    ask: dict[str, str]
    checks: dict[str, str]
    remedies: dict[str, str]
    full_of: dict[str, str]
    check_other: str
    remedy_other: str
    for_staff: str
    causes: dict[str, str]
    cause_other: str
    key_known: str
    touch_points: str
    level_lines: tuple[str, ...]
    level_from: str
    level_unmeasured: str
    level_dba: str
    who_died: str
    died: str
    died_detail: str
    died_again: str
    died_again_detail: str
    died_yes: str
    died_no: str
