"""What 500 rounds hold by turn, and what the logs are read for: counted without a process."""

from collections import Counter
from pathlib import Path

from tests.campaign import logs
from tests.campaign.accidents import SHORT_S_MAX, STOPPED_IN_TURN, Act, Scene, drawn, kind_of

SCENE = Scene(
    boxes=("box-1", "box-2"),
    parts=("database", "broker", "ingest", "ingest-2", "box-1 link", "box-1 writer", "box-2 link", "box-2 writer"),
    disks=("clinic", "box-1"),
    parties=("box-1", "box-2", "ingest", "ingest-2"),
)
ROUNDS = [drawn(seed, SCENE) for seed in range(500)]
LONG = [act for acts in ROUNDS for act in acts if act.is_long]


def test_each_kind_of_part_is_stopped_for_minutes_three_times() -> None:
    stopped = [act for act in LONG if act.what == "stop"]
    assert Counter(kind_of(act.whom) for act in stopped) == dict.fromkeys(STOPPED_IN_TURN, 3)
    assert all(120 <= act.for_s <= 300 for act in stopped)


def test_each_party_is_cut_off_and_falls_silent_for_longer_than_two_keep_alives() -> None:
    cut = [act for act in LONG if act.what != "stop"]
    assert {(act.what, act.whom) for act in cut} == {
        (what, party) for what in ("cut", "half-open") for party in SCENE.parties
    }
    assert all(act.for_s > 60 for act in cut)


def test_what_is_long_begins_once_the_short_accidents_are_over_and_people_answer_meanwhile() -> None:
    for acts in ROUNDS:
        for long in (act for act in acts if act.is_long):
            ends = [_end_s(act) for act in acts if act.what not in ("write", "order") and act is not long]
            assert max(ends) <= SHORT_S_MAX <= long.at_s
            meanwhile = {act.whom for act in acts if act.what == "write" and act.at_s >= long.at_s}
            assert meanwhile == set(SCENE.boxes)


def _end_s(act: Act) -> float:
    return act.at_s + act.for_s * (1.25 if act.what == "kill-in-start" else 1)


def test_each_kind_of_order_is_given_in_every_tenth_round() -> None:
    ordered = Counter(act.name for acts in ROUNDS for act in acts if act.what == "order")
    assert ordered == {"plan": 50, "message": 50, "standing": 50}


def test_logs_tell_connections_that_ended_from_those_that_never_were(tmp_path: Path) -> None:
    (tmp_path / "box-1 link.log").write_text(
        "link: connected to the clinic's broker\nlink: no broker: Keep alive timeout\n"
        "link: no broker: ConnectionRefusedError: [Errno 111] Connection refused\nlink: no broker: Unspecified error\n"
    )
    (tmp_path / "ingest-2.log").write_text("WARNING clinic.ingest.process: broker: Keep alive timeout\n")
    (tmp_path / "box-2 writer.log").write_text("refused box-2-7-1: database or disk is full\nkept box-2-7-2\n")
    told = logs.read_logs(tmp_path)
    assert logs.of(logs.ENDED, told) == 3
    assert logs.of(logs.BY_KEEPALIVE, told) == 2
    assert told[f"{logs.REFUSED}: writer"] == 1
