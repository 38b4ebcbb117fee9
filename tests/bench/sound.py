"""The player beside its peers on the same paced sink: start, processor time, memory, bits, gaps under load."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from audio.player.protocol import Collect, PlayerStatus, Prepare, Start
from audio.sound_file import SoundReader
from tests.bench import figures
from tests.bench.figures import Figure, Spread
from tests.bench.peers import players
from tests.bench.peers.players import ORDINARY, Running, Seen
from tests.bench.plan import DECODE_S_MAX, FLAT_MIB_MAX, PLAYER_MIB_MAX, PLAYING_TO_APLAY_MAX, Amount
from tests.support.paced.package import make_long_package, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for
from tests.support.paced.sameness import forget_played, same_as_package

MINUTE_S = 60
"""The limit is for a minute: in less, checking the package before it plays weighs too much."""
WAKE_S = 0.2
LONG_S = 1200
LONG_SPEED = 50
APLAY, SMALL = "aplay", ("aplay", "sox")
OURS = "Chevet"
Say = Callable[[str], None]


class Sound(msgspec.Struct, frozen=True):
    """`aplay_start_ms`: its cold start on the same sink, the peer of the button."""

    aplay_start_ms: Spread
    figures: list[Figure]


def measure(folder: Path, amount: Amount, say: Say) -> Sound:
    package = make_package(folder / "package", amount.whole_s)
    sound = players.Sound.of(package)
    with start_player(folder / "player") as player:
        say("cold starts")
        ours_ms, peers_ms = _starts(folder, player, package, sound, max(amount.presses, 5))
        say("whole pieces, all at the same time")
        wholes = [_whole(folder / f"whole{turn}", player, package, sound) for turn in range(amount.wholes)]
        say("under load")
        with every_core_busy():
            loaded = _whole(folder / "loaded", player, package, sound, ordinary=True)
    found = [
        _start(ours_ms, peers_ms),
        _cpu(wholes, amount.whole_s),
        _memory(wholes),
        _bits(wholes[0]),
        _gaps(loaded),
        *_long(folder / "long", amount.long_s, say),
    ]
    return Sound(peers_ms[APLAY], found)


class every_core_busy:  # noqa: N801 - used as a context, like a function
    """stress-ng without our priority: two workers a core, memory, writes."""

    def __enter__(self) -> None:
        cores = str(2 * (os.cpu_count() or 1))
        load = ["stress-ng", "--quiet", "--cpu", cores, "--vm", "1", "--vm-bytes", "64m", "--hdd", "1"]
        self._stress = subprocess.Popen([*ORDINARY, *load, "--hdd-bytes", "16m", "--temp-path", "/tmp"])

    def __exit__(self, *_: object) -> None:
        self._stress.terminate()
        self._stress.wait(60)


def _starts(
    folder: Path, player: RunningPlayer, package: Path, sound: players.Sound, count: int
) -> tuple[Spread, dict[str, Spread]]:
    """One after the other: what disturbs one disturbs all."""
    ours: list[float] = []
    peers: dict[str, list[float]] = {peer.name: [] for peer in players.here()}
    for turn in range(count):
        ours.append(_player_start_ms(player, package, f"start{turn}"))
        for number, peer in enumerate(players.here()):
            running = Running(peer, sound, folder / f"start{turn}-{number}")
            peers[peer.name].append(running.started_ms())
            running.kill()
    return Spread.of(ours), {name: Spread.of(found) for name, found in peers.items()}


def _player_start_ms(player: RunningPlayer, package: Path, session: str) -> float:
    client = player.connect()
    client.send(Prepare(session=session, package=str(package)))
    wait_for(client, lambda status: status.phase == "ready")
    time.sleep(WAKE_S)  # a person has not pressed yet: everything is asleep
    known, before_ns = len(player.device.events("start")), time.monotonic_ns()
    client.send(Start(session))
    wait_for(client, lambda status: status.phase == "playing")
    started_ns = player.device.events("start")[known].monotonic_ns
    player.device.vanish()
    wait_for(client, lambda status: status.phase == "ended")
    player.device.come_back()
    client.send(Collect(session))
    wait_for(client, lambda status: status.phase == "idle")
    client.close()
    return (started_ns - before_ns) / 1e6


def _whole(
    folder: Path, player: RunningPlayer, package: Path, sound: players.Sound, *, ordinary: bool = False
) -> dict[str, Seen]:
    """All play the whole at the same time, each on a device of its own."""
    folder.mkdir()
    forget_played(player.device.out)
    client, before_ms = player.connect(), cpu_ms(player.process.pid)
    client.send(Prepare(session=folder.name, package=str(package)))
    wait_for(client, lambda status: status.phase == "ready")
    client.send(Start(folder.name))
    running = [Running(peer, sound, folder / str(n), ordinary=ordinary) for n, peer in enumerate(players.here())]
    seconds = read_seconds(sound.flac)
    peers = players.to_the_end(running, seconds + 30)
    result = wait_for(client, lambda status: status.phase == "ended")
    used_ms = cpu_ms(player.process.pid) - before_ms
    ours = Seen(used_ms, players.peak_mib(player.process.pid), result.gaps_total, _same(player, package, result))
    client.send(Collect(folder.name))
    wait_for(client, lambda status: status.phase == "idle")
    client.close()
    return {OURS: ours, **{one.peer.name: seen for one, seen in zip(running, peers, strict=True)}}


def _same(player: RunningPlayer, package: Path, result: PlayerStatus) -> bool:
    return result.outcome == "heard_whole" and same_as_package(player.device.out, package)


def read_seconds(flac: Path) -> float:
    with SoundReader(flac) as sound:
        return sound.frames / sound.rate_hz


def cpu_ms(pid: int) -> float:
    """clock_getcpuclockid(3): the processor time of another process, its ended threads included."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


def _beside(values: dict[str, float]) -> tuple[figures.Peer, ...]:
    return tuple(figures.Peer(name, value) for name, value in values.items() if name != OURS)


def _medians(wholes: list[dict[str, Seen]]) -> dict[str, Spread]:
    return {name: Spread.of([whole[name].cpu_ms for whole in wholes]) for name in wholes[0]}


def _start(ours: Spread, peers: dict[str, Spread]) -> Figure:
    medians = {name: spread.median for name, spread in peers.items()}
    return Figure(
        name="player_start",
        title="Order to first frame, the player alone (median)",
        value=ours.median,
        unit="ms",
        limit=min(medians.values()),
        under=True,
        peers=_beside(medians),
        spread=ours,
        how="ours: `Start` on the resident player's socket, package ready and device open, to the paced device's "
        "`start`; the peers: from the start of their process to the same",
        note=f"p95 {ours.p95:.2f} ms; aplay's {peers[APLAY].p95:.2f} ms",
    )


def _cpu(wholes: list[dict[str, Seen]], seconds: float) -> Figure:
    spreads = _medians(wholes)
    medians = {name: spread.median for name, spread in spreads.items()}
    others = [value for name, value in medians.items() if name not in (OURS, APLAY)]
    ours, aplay = spreads[OURS], spreads[APLAY]
    return Figure(
        name="playing_cpu",
        title=f"Processor time of {seconds:.0f} s of playing (median)",
        value=ours.median,
        unit="ms",
        limit=min(PLAYING_TO_APLAY_MAX * aplay.median, *others) if seconds >= MINUTE_S else None,
        peers=_beside(medians),
        spread=ours,
        how="all play the same sound at the same time, each on a paced device of its own; ours checks every hash first "
        "and reads FLAC like the others, aplay reads WAV",
        note=f"at most {PLAYING_TO_APLAY_MAX:g} times aplay's and below the others'; of {aplay.count} times, ours "
        f"{ours.least:.0f} to {ours.most:.0f} ms, aplay's {aplay.least:.0f} to {aplay.most:.0f} ms",
    )


def _memory(wholes: list[dict[str, Seen]]) -> Figure:
    most = {name: max(whole[name].peak_mib for whole in wholes) for name in wholes[0]}
    return Figure(
        name="player_memory",
        title="Most memory while playing",
        value=most[OURS],
        unit="MiB",
        limit=min(PLAYER_MIB_MAX, *(value for name, value in most.items() if name not in (OURS, *SMALL))),
        under=True,
        peers=_beside(most),
        how="VmHWM over the whole piece; the limit is to be below every peer but aplay and sox",
        note="Python with its codec and libcrypto holds 22 MiB before the first note, and six seconds of audio 2 MiB",
    )


def _bits(whole: dict[str, Seen]) -> Figure:
    differs = {name: float(not seen.bits) for name, seen in whole.items()}
    return Figure(
        name="other_bits",
        title="What came out is not the decoded source (1: it is not)",
        value=differs[OURS],
        unit="",
        limit=0.0,
        peers=_beside(differs),
        how="every frame that the device played, against the source as S32 or S16; silence before or behind is allowed",
    )


def _gaps(loaded: dict[str, Seen]) -> Figure:
    gaps = {name: float(seen.gaps) for name, seen in loaded.items()}
    return Figure(
        name="gaps_under_load",
        title="Gaps in one piece with every core busy",
        value=gaps[OURS],
        unit="gaps",
        limit=0.0,
        peers=_beside(gaps),
        how="stress-ng beside (two workers a core, one that fills memory, one that writes); the peers with ordinary "
        "priority and their own buffers, ours with the real time that its unit allows; underruns of the device",
    )


def _long(folder: Path, seconds: int, say: Say) -> list[Figure]:
    """A long session at many times its speed: decoding, bits, memory against its first minute."""
    say(f"{seconds / 60:.0f} minutes at {LONG_SPEED} times their speed")
    package = make_long_package(folder / "package", seconds)
    with start_player(folder / "player", speed=LONG_SPEED, buffer_ms=2000) as player:
        client = player.connect()
        client.send(Prepare(session="long", package=str(package)))
        wait_for(client, lambda status: status.phase == "ready")
        client.send(Start("long"))
        wait_for(client, lambda status: status.frames_played >= MINUTE_S * status.rate_hz > 0)
        minute_mib = players.peak_mib(player.process.pid)
        result = wait_for(client, lambda status: status.phase == "ended", seconds / LONG_SPEED + 60)
        growth_mib = players.peak_mib(player.process.pid) - minute_mib
        same = _same(player, package, result)
    minutes = f"{seconds / 60:.0f} minutes"
    how = f"{minutes} of noise in parts of one minute, at {LONG_SPEED} times their speed"
    return [
        Figure(f"long_{name}", title, value, unit, how, limit)
        for name, title, value, unit, limit in (
            ("bits", f"{minutes}: what came out is not the decoded source (1: it is not)", float(not same), "", 0.0),
            ("growth", f"{minutes}: most memory, above that of its first minute", growth_mib, "MiB", FLAT_MIB_MAX),
            ("decode", f"{minutes} of FLAC decoded as the player does", _decode_s(package), "s", DECODE_S_MAX),
        )
    ]


def _decode_s(package: Path) -> float:
    """Processor seconds, in blocks of a second."""
    began_s = time.process_time()
    for part in sorted(package.glob("*.flac")):
        with SoundReader(part) as sound:
            while sound.read(sound.rate_hz):
                pass
    return time.process_time() - began_s
