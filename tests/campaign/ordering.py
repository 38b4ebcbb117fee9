"""What staff do meanwhile: plans, messages and where a person stands, each by the clinic's own command."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.campaign.furnish import PATIENT

BIN = Path(sys.executable).parent
Order = Literal["plan", "message", "standing"]
Errand = tuple[Order, str]
"""What is ordered, and to which box; a message and a standing go to all boxes of the person."""


@dataclass
class Staff:
    """Their commands run beside everything else. `taken`: of each kind, those that the clinic has accepted."""

    home: Path
    plan: Path
    log: Path
    _under_way: list[tuple[Errand, "subprocess.Popen[bytes]"]] = field(default_factory=list)
    taken: list[Errand] = field(default_factory=list)

    def order(self, errand: Errand) -> None:
        """It is not waited for."""
        with self.log.open("ab") as log:
            script = " && ".join('"$0" ' + line for line in self._lines(errand))
            command = ["sh", "-c", script, str(BIN / "chevet-clinic"), str(self.plan), str(self.home)]
            self._under_way.append((errand, subprocess.Popen(command, stdout=log, stderr=log)))

    def refused(self) -> list[Errand]:
        """Wait for those under way: which were not taken, by a full disk or a database that was dead."""
        refused: list[Errand] = []
        for errand, one in self._under_way:
            (self.taken if one.wait() == 0 else refused).append(errand)
        self._under_way.clear()
        return refused

    def _lines(self, errand: Errand) -> Sequence[str]:
        kind, box = errand
        by = '--by claire --home "$2"'
        match kind:
            case "plan":
                return [f'prescribe "$1" --patient {PATIENT} --box {box} {by}']
            case "message":
                return [f'message send {PATIENT} --text "Je passe demain." {by}']
            case "standing":  # and back: who is told both must believe the later one
                states = ("consent-withdrawn", "active")
                return [f"standing {PATIENT} --state {state} --sure {by}" for state in states]
