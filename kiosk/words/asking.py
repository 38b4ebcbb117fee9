"""The words of the questions, and of the forms that are asked apart from a care."""

import msgspec


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """« Who answers », the kinds of question, the end of a long form, and the tiles of those that are due."""

    who: str
    who_help: str
    who_self: str
    who_with_relative: str
    who_relative: str
    who_carer: str
    yes: str
    no: str
    more: str
    number_allowed: str
    number_wrong: str
    finished: str
    finished_detail: str
    send: str
    form: str
    one_question: str
    some_questions: str
    for_relative: str
    for_carer: str
