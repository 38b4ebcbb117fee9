"""The player beside aplay: order to first frame, and the processor time and memory of playing."""

from pathlib import Path

import msgspec

from audio.player.protocol import Collect
from tests.bench.figures import Figure, Peer, Spread
from tests.bench.plan import PLAYER_MIB_MAX, PLAYING_TO_APLAY_MAX, Amount
from tests.support.paced.bench import _aplay_start_ms, _one_whole, _player_start_ms, _wave
from tests.support.paced.machine import PacedDevice, paced_device
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for

MINUTE_S = 60
"""The limit is for a minute: in less, checking the package before it plays weighs too much."""
Whole = tuple[tuple[float, float], tuple[float, float]]
"""(processor ms, MiB) of aplay and of the player."""


class Sound(msgspec.Struct, frozen=True):
    """`aplay_start_ms`: its cold start on the same sink, the peer of the button."""

    aplay_start_ms: Spread
    figures: list[Figure]


def measure(folder: Path, amount: Amount) -> Sound:
    package = make_package(folder / "package", amount.whole_s)
    sound = _wave(folder / "whole.wav", decoded(package))
    device = paced_device(folder / "aplay")
    with start_player(folder / "player") as player:
        aplay_ms, player_ms = [], []
        for n in range(max(amount.presses, 5)):  # one after the other: what disturbs one disturbs both
            aplay_ms.append(_aplay_start_ms(device, sound))
            player_ms.append(_player_start_ms(player, package, str(n)))
        wholes = [_whole_once(device, sound, player, package) for _ in range(amount.wholes)]
    aplay, alone = Spread.of(aplay_ms), Spread.of(player_ms)
    return Sound(aplay, [_start(alone, aplay), _cpu(wholes, amount.whole_s), _memory(wholes)])


def _whole_once(device: PacedDevice, sound: Path, player: RunningPlayer, package: Path) -> Whole:
    found = _one_whole(device, sound, player, package)
    client = player.connect()
    client.send(Collect("whole"))
    wait_for(client, lambda status: status.phase == "idle")
    client.close()
    return found


def _start(alone: Spread, aplay: Spread) -> Figure:
    return Figure(
        name="player_start",
        title="Order to first frame, the player alone (median)",
        value=alone.median,
        unit="ms",
        limit=aplay.median,
        peers=(Peer("aplay, cold start", aplay.median),),
        spread=alone,
        how="`Start` on the player's socket, package ready and device open, to the paced device's `start`",
        note=f"p95 {alone.p95:.2f} ms; aplay's {aplay.p95:.2f} ms",
    )


def _cpu(wholes: list[Whole], seconds: float) -> Figure:
    ours, aplays = (Spread.of([whole[side][0] for whole in wholes]) for side in (1, 0))
    return Figure(
        name="playing_cpu",
        title=f"Processor time of {seconds:.0f} s of playing (median)",
        value=ours.median,
        unit="ms",
        limit=PLAYING_TO_APLAY_MAX * aplays.median if seconds >= MINUTE_S else None,
        peers=(Peer("aplay", aplays.median),),
        spread=ours,
        how="both play the same sound at the same time, each on a paced device of its own; the player reads FLAC and "
        "checks its hash first, aplay reads WAV",
        note=f"of {aplays.count} times, ours {ours.least:.0f} to {ours.most:.0f} ms, "
        f"aplay's {aplays.least:.0f} to {aplays.most:.0f} ms",
    )


def _memory(wholes: list[Whole]) -> Figure:
    return Figure(
        name="player_memory",
        title="Player, most memory while playing",
        value=max(ours[1] for _, ours in wholes),
        unit="MiB",
        limit=PLAYER_MIB_MAX,
        peers=(Peer("aplay", max(aplay[1] for aplay, _ in wholes)),),
        how="VmHWM after the whole package",
    )
