"""What the box's processes hold once a day's journeys are behind them."""

from tests.bench.figures import Figure, Peer
from tests.bench.peers.run import ScreenPeer
from tests.bench.plan import KIOSK_MIB_MAX, PLAYER_MIB_MAX
from tests.bench.watch import memory_of
from tests.support.house import House

_LIMITS = {"kiosk": KIOSK_MIB_MAX, "player": PLAYER_MIB_MAX, "link": None}


def measure(house: House, peers: list[ScreenPeer]) -> list[Figure]:
    beside = {"kiosk": tuple(Peer(peer.name, peer.resident_mib) for peer in peers)}
    return [_figure(house, name, limit, beside.get(name, ())) for name, limit in _LIMITS.items()]


def _figure(house: House, name: str, limit: float | None, beside: tuple[Peer, ...]) -> Figure:
    memory = memory_of(house.processes[name].pid)
    return Figure(
        name=f"memory_{name}",
        title=f"Resident memory of the {name} after the journeys",
        value=memory.resident,
        unit="MiB",
        limit=limit,
        peers=beside,
        how="VmRSS, after every screen was shown at 1280x800",
        note=f"at its peak {memory.peak:.1f}, its own pages {memory.private:.1f}",
    )
