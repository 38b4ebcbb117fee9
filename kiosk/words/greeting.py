"""Home, beside what `bedside` says of it."""

import msgspec


class GreetingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hello_evening: str
    others: str
    others_detail: str
    links: str
