"""Who may do what: one table, role by role. docs/access.md shows it; the pages ask it.

The columns that concern a patient say how near the person must be: in that patient's care team, or its référent.
"""

from enum import StrEnum

from clinic.people.models import Role


class Reach(StrEnum):
    """How far a permission goes."""

    NO = "no"
    YES = "yes"
    TEAM = "team"
    """For the patients of whose care team they are."""
    REFERENT = "referent"
    """For the patients of whom they are the référent."""


class What(StrEnum):
    READ_RECORD = "read-record"
    """Health data: sessions, evaluations, comments, messages, plans."""
    READ_SOCIAL = "read-social"
    """The social part: who the person is, where, by whom they are followed, whether their access is validated."""
    EDIT_RECORD = "edit-record"
    """Change the health part of the first page: identity and INS, pathway, hearing aids, contraindications."""
    EDIT_SOCIAL = "edit-social"
    """Change the social part: where and how the person lives, those near them, their legal protection."""
    MERGE_RECORDS = "merge-records"
    """Of both records."""
    EXPORT_RECORD = "export-record"
    ERASE_RECORD = "erase-record"
    PRESCRIBE = "prescribe"
    DRAFT_PLAN = "draft-plan"
    """Write a plan that the référent will sign; read the library that plans are made from."""
    WRITE_LIBRARY = "write-library"
    """Protocols, questionnaires and lessons of the clinic."""
    REQUEST_ACCESS = "request-access"
    DECIDE_ACCESS = "decide-access"
    CHOOSE_TEAM = "choose-team"
    """Who is in a patient's care team, and the consents recorded for those outside the équipe de soins."""
    READ_TRAIL = "read-trail"
    """Who has read this record."""
    ANSWER_HELP = "answer-help"
    """Take and close a request for help. One that bears nobody's name is for all who may."""
    WRITE_MESSAGES = "write-messages"
    TELL_DELIVERIES = "tell-deliveries"
    SET_ASIDE = "set-aside"
    """Say why a prompt to readjust changes nothing for now."""
    DECLARE_STANDING = "declare-standing"
    """Note that an access or a consent is withdrawn, or a death, and lift it again."""
    DO_TASKS = "do-tasks"
    """Write down, take and end tasks; social-care actors those of the social part alone."""
    HAND_OVER = "hand-over"
    """Write and read the handover of a shift of their teams; of patients, what concerns their own."""
    BREAK_GLASS = "break-glass"
    SEE_BOXES = "see-boxes"
    LEND_BOXES = "lend-boxes"
    """Make a code by which a box enrols itself for a patient."""
    END_LOANS = "end-loans"
    """Ask a box back, revoke and wipe it, note that it is back and clean."""
    CHECK_ARRIVALS = "check-arrivals"
    """What arrived and could not be read: boxes, times and causes, no health data."""
    MANAGE_PEOPLE = "manage-people"
    OWN_SECURITY = "own-security"


_NO, _YES, _TEAM, _REF = Reach.NO, Reach.YES, Reach.TEAM, Reach.REFERENT

COLUMNS: tuple[Role, ...] = (
    Role.PHYSICIAN,
    Role.THERAPIST,
    Role.NURSE,
    Role.COORDINATING_NURSE,
    Role.ADVANCED_PRACTICE_NURSE,
    Role.SOCIAL_WORKER,
    Role.TECHNICIAN,
    Role.ADMINISTRATOR,
)
# fmt: off
TABLE: dict[What, tuple[Reach, ...]] = {
    #                     physician  therapist nurse  coord.  adv.pr. social  techn.  admin.
    What.READ_RECORD:    (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.READ_SOCIAL:    (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _TEAM,  _NO,    _NO),
    What.EDIT_RECORD:    (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.EDIT_SOCIAL:    (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _TEAM,  _NO,    _NO),
    What.MERGE_RECORDS:  (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.EXPORT_RECORD:  (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.ERASE_RECORD:   (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.PRESCRIBE:      (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.DRAFT_PLAN:     (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.WRITE_LIBRARY:  (_YES,      _YES,     _YES,  _NO,    _YES,   _NO,    _NO,    _NO),
    What.REQUEST_ACCESS: (_YES,      _YES,     _YES,  _YES,   _YES,   _YES,   _NO,    _NO),
    What.DECIDE_ACCESS:  (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.CHOOSE_TEAM:    (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.READ_TRAIL:     (_REF,      _REF,     _REF,  _NO,    _NO,    _NO,    _NO,    _NO),
    What.ANSWER_HELP:    (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.WRITE_MESSAGES: (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.TELL_DELIVERIES: (_TEAM,    _NO,      _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.SET_ASIDE:      (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.DECLARE_STANDING: (_TEAM,   _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.DO_TASKS:       (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _TEAM,  _NO,    _NO),
    What.HAND_OVER:      (_YES,      _YES,     _YES,  _YES,   _YES,   _NO,    _NO,    _NO),
    What.BREAK_GLASS:    (_YES,      _YES,     _YES,  _YES,   _YES,   _NO,    _NO,    _NO),
    What.SEE_BOXES:      (_YES,      _YES,     _YES,  _YES,   _YES,   _NO,    _YES,   _NO),
    What.LEND_BOXES:     (_TEAM,     _TEAM,    _TEAM, _TEAM,  _TEAM,  _NO,    _NO,    _NO),
    What.END_LOANS:      (_YES,      _YES,     _YES,  _YES,   _YES,   _NO,    _YES,   _NO),
    What.CHECK_ARRIVALS: (_YES,      _YES,     _YES,  _YES,   _YES,   _NO,    _YES,   _NO),
    What.MANAGE_PEOPLE:  (_NO,       _NO,      _NO,   _NO,    _NO,    _NO,    _NO,    _YES),
    What.OWN_SECURITY:   (_YES,      _YES,     _YES,  _YES,   _YES,   _YES,   _YES,   _YES),
}
# fmt: on


def reach(role: str, what: What) -> Reach:
    """How far `role` goes in `what`; a role that the table does not know goes nowhere."""
    return TABLE[what][COLUMNS.index(Role(role))] if role in Role.values else Reach.NO


def may(role: str, what: What) -> bool:
    """Whether `role` may do `what` at all; for a patient, `clinic.people.access` asks of which ones."""
    return reach(role, what) is not Reach.NO


def roles_that_may(what: What) -> frozenset[str]:
    return frozenset(role.value for role in COLUMNS if may(role, what))


def whats_of(role: str) -> frozenset[str]:
    return frozenset(what.value for what in What if may(role, what))
