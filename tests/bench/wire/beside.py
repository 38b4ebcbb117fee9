"""Who is measured beside whom. A peer that cannot is left out from then on, with its own word; the bench goes on."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.bench.wire.contenders import Contender
from tests.support.process import ProcessError

Found = TypeVar("Found")


class Beside:
    """Ours, without which there is no figure, then its peers. `left_out` says of each that failed how it did."""

    def __init__(self, ours: Contender, peers: Sequence[Contender], say: Callable[[str], None]) -> None:
        self._ours, self._peers, self._say = ours, list(peers), say
        self.left_out: list[str] = []

    def each(self, measure: Callable[[Contender], Found]) -> dict[str, Found]:
        """By name, one after the other. Raises ProcessError: ours failed."""
        found = {self._ours.name: measure(self._ours)}
        for peer in tuple(self._peers):
            try:
                found[peer.name] = measure(peer)
            except ProcessError as error:
                peer.kill()
                self._leave_out(peer, str(error))
        return found

    def _leave_out(self, peer: Contender, why: str) -> None:
        """Its log is shown, and stands in no page: there are paths in it."""
        self._peers.remove(peer)
        self.left_out.append(why.partition(";")[0])
        self._say(f"left out: {why}")
