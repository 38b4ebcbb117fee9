"""How much is measured, and the limits of issue « the wire »."""

import msgspec

RATE_MIN = 1500.0
OF_THE_PARTS_MIN = 0.7
OF_NODE_RED_SLOW_MIN = 4.0
OF_ONE_MAX = 0.65
"""What each of two processes spends on a report, beside one alone: half, and what coming by costs that is another's."""
SESSION_BYTES_MAX = 4096.0
REPORTS_OF_A_SESSION = 3


class WireAmount(msgspec.Struct, frozen=True):
    """boxes and sessions (of three reports) of the rates; many boxes come back with a week's sessions.

    sessions_killed: of each of those boxes, what waits when a process is killed: 20,000 reports in issue « the wire ».
    boxes_shared, sessions_shared, rounds: of one process and two on PostgreSQL. A broker keeps 10,000 for each.
    """

    boxes: int
    sessions: int
    sessions_killed: int
    many: int
    week: int
    reports: int
    idle_s: float
    boxes_shared: int
    sessions_shared: int
    rounds: int

    @property
    def waiting_max(self) -> int:
        """What a queue of the rates' broker must hold: all that waits for one that is killed, and of the turn before
        what was kept and not acknowledged when that was over.
        """
        # 80 to 230 are left so by a turn; in a queue for 20,010 as many new ones had found no room, and were told lost.
        return self.boxes * (self.sessions_killed + self.sessions) * REPORTS_OF_A_SESSION


WHOLE = WireAmount(
    boxes=10,
    sessions=120,
    sessions_killed=667,
    many=1000,
    week=7,
    reports=60,
    idle_s=30,
    boxes_shared=60,
    sessions_shared=40,
    rounds=3,
)
QUICK = WireAmount(
    boxes=2,
    sessions=40,
    sessions_killed=40,
    many=30,
    week=2,
    reports=6,
    idle_s=5,
    boxes_shared=20,
    sessions_shared=10,
    rounds=1,
)
