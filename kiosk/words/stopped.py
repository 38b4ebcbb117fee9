"""Why a care was stopped."""

import msgspec


class StoppedWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reasons: by the contract's word (StopExplained), in the order of the screen."""

    question: str
    skip: str
    reasons: dict[str, str]
