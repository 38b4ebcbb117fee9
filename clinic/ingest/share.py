"""Which boxes are this process's: of those that run each keeps its own, and none verifies what another will keep.

Everybody reckons alike whose a box is, from the names of those whose lease holds: the highest weight has it
(rendezvous hashing, Thaler and Ravishankar 1998). When one comes or goes, its boxes alone move.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

BOXES_KEPT = 16_384
"""Whose each of so many boxes is, is not reckoned again for each message."""


class Share:
    """Of one view of who runs; `name` always does, or it would not ask."""

    def __init__(self, name: str, others: Iterable[str] = ()) -> None:
        self.members = tuple(sorted({name, *others}))
        self._name = name
        self._owner = lru_cache(BOXES_KEPT)(self._reckon)

    def is_mine(self, topic: str) -> bool:
        """By the topic without its channel: what is no topic of a box is one process's, too."""
        return len(self.members) == 1 or self._owner(topic.rpartition("/")[0]) == self._name

    def _reckon(self, box: str) -> str:
        return max(self.members, key=lambda member: (_weight(member, box), member))


def _weight(member: str, box: str) -> bytes:
    return hashlib.blake2b(f"{member}\0{box}".encode(errors="surrogatepass"), digest_size=8).digest()
