"""When a care can be started, and why not now (A15)."""

import msgspec


class FramingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`possible_at` and `possible_tomorrow_at` take a `{time}`. why: by the contract's word for it."""

    time: str
    time_full: str
    possible_at: str
    possible_tomorrow: str
    possible_tomorrow_at: str
    possible_in_minutes: str
    possible_in_one_hour: str
    possible_in_hours: str
    possible_in_days: str
    possible_about_one_hour: str
    possible_about_hours: str
    possible_later: str
    not_now: str
    if_unwell: str
    why: dict[str, str]
