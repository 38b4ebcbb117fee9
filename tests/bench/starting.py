"""From the start of the kiosk's process to its first drawn screen."""

from tests.bench.figures import Figure, Peer, Spread
from tests.bench.peers.run import ScreenPeer
from tests.bench.plan import SIZE, START_S_MAX
from tests.bench.screen import FirstPicture, wait_blank
from tests.support.display import Display
from tests.support.house import House


def measure(house: House, display: Display, count: int, peers: list[ScreenPeer]) -> Figure:
    """The kiosk is running when this returns. The first start, which fills the caches, does not count."""
    starts_s = [start_once(house, display) for _ in range(count + 1)][1:]
    spread = Spread.of(starts_s)
    return Figure(
        name="kiosk_start",
        title="Kiosk, start to first drawn screen (median)",
        value=spread.median,
        unit="s",
        limit=START_S_MAX,
        peers=tuple(Peer(peer.name, peer.start_s) for peer in peers),
        spread=spread,
        how="start of the process to both corners of the home screen in the X server's memory; files are in the cache",
    )


def start_once(house: House, display: Display) -> float:
    house.stop("kiosk")
    wait_blank(display, SIZE)
    picture = FirstPicture(display, SIZE)
    house.start("kiosk")
    return picture.seconds()
