"""docs/access.md shows the very table that the pages ask."""

from pathlib import Path

import pytest

from clinic.people.may import COLUMNS, TABLE, Reach, What, may, reach

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
WORDS = {
    What.READ_RECORD: "read health data: sessions, evaluations, comments, plans",
    What.READ_SOCIAL: "read the social part: who the person is, where, their team, whether the access is validated",
    What.EDIT_RECORD: (
        "change the health part of the first page: identity and INS, pathway, hearing aids, contraindications"
    ),
    What.EDIT_SOCIAL: "change the social part: where the person lives, those near them, legal protection",
    What.MERGE_RECORDS: "merge two records of one person, when référent of both; undo it",
    What.EXPORT_RECORD: "export a record",
    What.ERASE_RECORD: "erase what need not be kept",
    What.PRESCRIBE: "sign, replace and stop a plan",
    What.DRAFT_PLAN: "write the draft of a plan; read protocols, questionnaires and lessons",
    What.WRITE_LIBRARY: "write and publish the clinic’s protocols, questionnaires and lessons",
    What.REQUEST_ACCESS: "enter a request for the care",
    What.DECIDE_ACCESS: "validate or refuse a request, when asked",
    What.CHOOSE_TEAM: "choose the care team, record and withdraw consents",
    What.READ_TRAIL: "see who has read the record",
    What.ANSWER_HELP: "take and close a request for help",
    What.WRITE_MESSAGES: "write to the patient",
    What.SET_ASIDE: "set a prompt to readjust aside, with a reason",
    What.TELL_DELIVERIES: "tell the patient where their medicines are",
    What.DECLARE_STANDING: "note that an access or a consent is withdrawn, or a death",
    What.DO_TASKS: "write down, take and end tasks, each in what they may read",
    What.HAND_OVER: "write and read the handover of their teams, of their own patients",
    What.BREAK_GLASS: "open a record in an emergency, for an hour, with a reason",
    What.SEE_BOXES: "see the boxes",
    What.LEND_BOXES: "lend a box to a patient; make the checklist of its place",
    What.END_LOANS: "ask a box back, revoke and wipe it, note its return",
    What.CHECK_ARRIVALS: "see what arrived and could not be read",
    What.MANAGE_PEOPLE: "manage accounts, establishments and teams",
    What.OWN_SECURITY: "their own password, second factor and sessions",
}
CELLS = {Reach.NO: "–", Reach.YES: "yes", Reach.TEAM: "their patients", Reach.REFERENT: "as référent"}


def rows() -> list[str]:
    heads = [role.value.replace("-", " ") for role in COLUMNS]
    lines = [f"| may | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {WORDS[what]} | {' | '.join(CELLS[cell] for cell in cells)} |" for what, cells in TABLE.items()]
    return lines


def test_the_page_shows_the_table() -> None:
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert shown[: len(rows())] == rows()


def test_every_permission_says_something_of_every_role() -> None:
    assert set(TABLE) == set(What)
    assert all(len(cells) == len(COLUMNS) for cells in TABLE.values())


def test_a_technician_and_an_administrator_reach_no_record() -> None:
    of_patients = {what for what, cells in TABLE.items() if {Reach.TEAM, Reach.REFERENT} & set(cells)}
    for what in of_patients | {What.BREAK_GLASS, What.REQUEST_ACCESS}:
        assert not may("technician", what)
        assert not may("administrator", what)
    assert not may("social-worker", What.READ_RECORD)
    assert not may("social-worker", What.BREAK_GLASS)


@pytest.mark.parametrize("role", ["", "Nurse", "king"])
def test_an_unknown_role_may_nothing(role: str) -> None:
    assert {reach(role, what) for what in What} == {Reach.NO}
