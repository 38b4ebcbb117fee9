"""What the kiosk uses while it waits for a person, and while it plays; and what player and link use beside it."""

import time
from collections.abc import Callable, Mapping

from tests.bench import day
from tests.bench.care import NIGHT, Walk
from tests.bench.figures import Figure, Peer
from tests.bench.peers.run import ScreenPeer
from tests.bench.plan import IDLE_SHARE_MAX, PLAYING_SHARE_MAX, Amount
from tests.bench.watch import Used, clock_of, use_over

SETTLE_S = 1.5
DIM_AFTER_S = 62.0
Say = Callable[[str], None]


class Watching:
    """Walks to each screen where a person may stay, and stays."""

    def __init__(self, walk: Walk, pids: Mapping[str, int], amount: Amount, say: Say) -> None:
        """pids: of kiosk, player and link."""
        self._walk, self._pids, self._amount, self._say = walk, pids, amount, say
        self._shares: dict[str, dict[str, float]] = {}
        self._played_s = 0.0
        self.idle: dict[str, Used] = {}
        self.playing: dict[str, Used] = {}

    def walk(self) -> None:
        """Starts and ends at home."""
        began_s, began = time.monotonic(), self._clocks()
        self._visit()
        self._walk_s = {name: now - began[name] for name, now in self._clocks().items()}
        self._walked = day.Walked(time.monotonic() - began_s, self._played_s)

    def day(self) -> Figure:
        """Once it has walked."""
        home, playing = self._shares["home"], self._shares["playing"]
        used = {name: day.Used(home[name], playing[name], self._walk_s[name]) for name in self._pids}
        return day.figure(used, self._walked)

    def _clocks(self) -> dict[str, float]:
        """Processor seconds so far."""
        return {name: clock_of(pid) / 1e9 for name, pid in self._pids.items()}

    def _visit(self) -> None:
        patient = self._walk.patient
        self._wait("home", "HomeView")
        patient.touch("choose")
        self._wait("choosing", "ChoosingView")
        patient.touch(f"care:{NIGHT}")
        patient.answer_alone()
        self._wait("cone", "ConeView")
        self._walk.to_comment()
        self._wait("comment", "CommentView")
        patient.touch("continue")
        self._wait("text", "TextView")
        self._walk.read_explanation()
        patient.see(lambda shown: bool(shown["view"].get("armed")))
        self._wait("ready", "ReadyView")
        pressed_s = self._play()
        patient.see_screen("RestView", 120)
        self._played_s = time.monotonic() - pressed_s
        self._wait("rest", "RestView")
        patient.touch("wake")
        self._walk.finish()
        self._wait("thanks", "ThanksView")
        self._walk.home()
        patient.touch("help")
        self._wait("help", "HelpView")
        self._walk.home()

    def _play(self) -> float:
        """When the button was pressed, by time.monotonic."""
        patient, began_s = self._walk.patient, time.monotonic()
        patient.press_button()
        patient.see_screen("PlayingView")
        self.playing["bright"] = self._watch("playing", self._amount.playing_s)
        if self._amount.dim:
            time.sleep(max(0.0, began_s + DIM_AFTER_S - time.monotonic()))
            self.playing["dim"] = self._watch("playing, dimmed", self._amount.playing_s)
        return began_s

    def _wait(self, name: str, screen: str, seconds: float = 30) -> None:
        self._walk.patient.see_screen(screen, seconds)
        self.idle[name] = self._watch(name, self._amount.idle_s)

    def _watch(self, name: str, seconds: float) -> Used:
        time.sleep(SETTLE_S)
        before = self._clocks()
        used = use_over(self._pids["kiosk"], seconds)
        self._shares[name] = {
            process: (now - before[process]) / used.seconds for process, now in self._clocks().items()
        }
        self._say(f"{name}: {used.share:.3%} of a core over {used.seconds:.0f} s")
        return used


def figures(watching: Watching, peers: list[ScreenPeer]) -> list[Figure]:
    beside = tuple(Peer(f"{peer.name}, waiting", 100 * peer.idle_share) for peer in peers)
    how = "processor time of all its threads (clock_getcpuclockid; /proc/PID/stat agrees to its tick of 10 ms)"
    idle = [
        _figure(f"idle_{name}", f"Kiosk waiting: {name}", used, IDLE_SHARE_MAX, how, beside)
        for name, used in watching.idle.items()
    ]
    playing = [
        _figure(
            f"playing_{name}", f"Kiosk playing, with the progress picture: {name}", used, PLAYING_SHARE_MAX, how, ()
        )
        for name, used in watching.playing.items()
    ]
    return [*idle, *playing]


def _figure(name: str, title: str, used: Used, limit: float, how: str, beside: tuple[Peer, ...]) -> Figure:
    return Figure(
        name=name,
        title=title,
        value=100 * used.share,
        unit="% of a core",
        limit=100 * limit,
        under=True,
        peers=beside,
        how=how,
        note=f"{used.seconds:.0f} s; by the stat file {used.ticks_share:.3%}; {used.wakes_per_s:.1f} wakes a second; "
        f"others used {used.others_share:.0%} of a core",
    )
