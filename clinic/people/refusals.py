"""What the rules about people refuse."""

from typing import Literal

from clinic.errors import RecordError

Code = Literal[
    "consent-needed", "reads-nothing", "no-referent", "last-referent", "how-missing", "decides-nothing",
    "words-missing", "asker-missing", "waiting-already", "not-asked", "reason-missing", "decided-already",
    "not-validated", "not-their-referent", "not-found", "several-found", "no-emergency", "reason-short",
    "last-administrator", "one-already", "not-a-pair", "plan-in-force", "undone-already", "too-late", "late-reports",
    "passkeys-too-many", "passkey-known", "last-factor",
    "others-referent", "team-outside", "consent-by-referent",
]  # fmt: skip


class Refusal(RecordError):
    """`code` names the rule, for the page that says it in the reader's language; the words are the command line's."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words)
        self.code = code
