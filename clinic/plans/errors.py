"""What may not be done to a plan, its draft, or a thing of the library."""

from typing import Literal

from clinic.errors import RecordError

Code = Literal[
    "no-draft", "draft-open", "not-their-box", "code-missing", "others-code", "others-plan", "plan-over", "standing",
    "draft-moved", "plan-moved", "contraindicated", "published", "canonical-taken", "not-a-draft", "resource-moved",
    "no-package", "of-the-house", "too-many-cares",
]  # fmt: skip


class PlanRefused(RecordError):
    """`code` names the cause, for the page that says it in the reader's language; the words are the command line's."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words)
        self.code = code
