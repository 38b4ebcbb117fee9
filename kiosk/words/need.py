"""The need of the moment (A14)."""

import msgspec


class NeedWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reasons: of the house's own rules, by their names; a plan's rules bring theirs."""

    title: str
    help_detail: str
    keep_before: str
    keep_after: str
    keep_after_detail: str
    reasons: dict[str, str]
