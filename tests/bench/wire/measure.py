"""The part « wire » of the bench: what was found, as figures beside their limits and peers."""

import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mqtt_bridge import broker
from tests.bench.figures import Figure, Peer
from tests.bench.wire import coming_back, contenders, one_box, rates, several
from tests.bench.wire.coming_back import CameBack
from tests.bench.wire.one_box import OneBox, SessionBytes
from tests.bench.wire.parts import Parts
from tests.bench.wire.plan import (
    OF_NODE_RED_SLOW_MIN,
    OF_ONE_MAX,
    OF_THE_PARTS_MIN,
    RATE_MIN,
    SESSION_BYTES_MAX,
    WireAmount,
)
from tests.bench.wire.rates import SYNC_MS, Rates, Runs
from tests.bench.wire.rig import rig
from tests.bench.wire.several import Kept, Several
from tests.support import postgresql

OURS = "Chevet"
Say = Callable[[str], None]


class Measured(NamedTuple):
    """not_measured: what is not here, and the peers that failed, each with why."""

    figures: list[Figure]
    not_measured: list[str]


def measure(folder: Path, amount: WireAmount, say: Say) -> Measured:
    coming_back.allow_many()
    box = one_box.measure(folder / "one", amount.reports, amount.idle_s, say)
    with rig(waiting_max=max(amount.waiting_max, broker.QUEUED_MAX)) as one:
        kept = Runs(one, amount, say).measure()
    back = _come_back(amount, say)
    shared = _measure_several(folder, amount, say)
    return Measured(figures(kept, shared, box, back), [*missing(), *kept.left_out])


def figures(kept: Rates, shared: Several | None, box: OneBox, back: CameBack) -> list[Figure]:
    """All that a whole run tells. shared: None where there is no PostgreSQL."""
    several_told = _several(shared) if shared else []
    return [*_rates(kept), *_slow(kept), *_lost(kept), *several_told, *_one_box(box), *_back(back)]


def measure_several(folder: Path, amount: WireAmount, say: Say) -> list[Figure]:
    """None where there is no PostgreSQL."""
    found = _measure_several(folder, amount, say)
    return _several(found) if found else []


def measure_calls(amount: WireAmount, say: Say) -> list[Figure]:
    """Many boxes come back, twice: the one that calls among them uses the channel `urgent`; it is of before it."""
    coming_back.allow_many()
    back = _come_back(amount, say)
    return _back(back, _come_back(amount, say, of_before=True))


def _measure_several(folder: Path, amount: WireAmount, say: Say) -> Several | None:
    return several.measure(folder, amount, say) if postgresql.programs() else None


def _come_back(amount: WireAmount, say: Say, *, of_before: bool = False) -> CameBack:
    with rig() as many:
        ingest = contenders.ours(many)
        ingest.start()
        try:
            return coming_back.measure(many, amount.many, amount.week, say, of_before=of_before)
        finally:
            ingest.stop()


def missing() -> list[str]:
    none = [] if postgresql.programs() else ["ingest on PostgreSQL (this machine has no server)"]
    return [*contenders.missing(), *none]


def _peers(found: dict[str, float], *more: Peer) -> tuple[Peer, ...]:
    return (*more, *(Peer(name, value) for name, value in found.items() if name != OURS))


HOW_RATES = (
    "the same sealed reports wait for each in a queue of one mosquitto (TLS 1.3, client certificates, QoS 1); each "
    "runs alone; from the first row that is seen in its own SQLite to the last, every commit synced; ours verifies, "
    "opens, validates, writes ledger and record in one transaction and answers after it; the peers keep the raw "
    "message; the median of three turns"
)


def _rates(kept: Rates) -> list[Figure]:
    usual = {name: median(rates) for name, rates in kept.usual.items()}
    ours, each = usual[OURS], ", ".join(f"{rate:.0f}" for rate in kept.usual[OURS])
    return [
        Figure(
            name="ingest_slowness",
            title="Ingest: time for a report, one process",
            value=1e6 / ours if ours else 1e9,
            unit="us",
            limit=1e6 / RATE_MIN,
            peers=tuple(Peer(peer.name, 1e6 / peer.value) for peer in _peers(usual) if peer.value),
            how=HOW_RATES,
            note=f"{ours:.0f}/s, {kept.messages} messages, {kept.batch:.0f} in a transaction; each turn: {each}; "
            "beside: " + ", ".join(f"{name} {rate:.0f}/s" for name, rate in usual.items() if name != OURS),
        ),
        Figure(
            name="ingest_of_parts",
            title="Ingest: time for a report, of the sum of its parts",
            value=1e6 / ours / kept.parts.total if ours else 1e9,
            unit="times",
            limit=1 / OF_THE_PARTS_MIN,
            how="each part alone: our client that takes and settles every message; PyNaCl; msgspec; the very "
            "rows by sqlite3 alone, as many in a transaction; one acknowledgement signed for each transaction; told "
            "beside it with the bare loop's receiving in our client's place (MQTT 3.1.1; ours speaks 5, whose "
            "messages paho takes longer to read)",
            note=_told(kept.parts, ours),
        ),
    ]


def _told(parts: Parts, ours: float) -> str:
    shown = (
        f"receive {parts.receive:.0f} us, verify and open {parts.verify_and_open:.0f}, decode {parts.decode:.1f}",
        f"insert {parts.insert:.0f}, acknowledge {parts.acknowledge:.1f}",
    )
    return (
        f"{', '.join(shown)}: {parts.total:.0f} us allow {parts.rate:.0f}/s; {ours / parts.rate:.0%} of it; by the "
        f"bare loop's receive ({parts.bare_receive:.0f} us, without its INSERT) {parts.bare_total:.0f} us allow "
        f"{1e6 / parts.bare_total:.0f}/s; {ours * parts.bare_total / 1e6:.0%} of it"
    )


def _slow(kept: Rates) -> list[Figure]:
    slow = {name: median(rates) for name, rates in kept.slow_disk.items()}
    ours, node_red = slow[OURS], slow.get("Node-RED, SQLite", 0.0)
    each = ", ".join(f"{rate:.0f}" for rate in kept.slow_disk[OURS])
    beside = ", ".join(f"{name} {rate:.0f}/s" for name, rate in slow.items() if name != OURS)
    return [
        Figure(
            name="ingest_slow_disk",
            title=f"Ingest where an fsync takes {SYNC_MS} ms longer: time for a report",
            value=1e6 / ours if ours else 1e9,
            unit="us",
            limit=1e6 / (OF_NODE_RED_SLOW_MIN * node_red) if node_red else None,
            peers=tuple(Peer(peer.name, 1e6 / peer.value) for peer in _peers(slow) if peer.value),
            how="the same, three turns of each, under a shim that makes fsync and fdatasync slower (LD_PRELOAD); the "
            "limit is a quarter of Node-RED's time",
            note=f"{ours:.0f}/s; each turn: {each}; beside: {beside}",
        )
    ]


def _lost(kept: Rates) -> list[Figure]:
    after = ", ".join(f"{name} after {count}" for name, count in kept.killed_after.items())
    return [
        Figure(
            name="ingest_lost",
            title="Reports lost by a kill -9 with a queue",
            value=kept.lost[OURS],
            unit="reports",
            limit=0,
            peers=_peers({name: float(count) for name, count in kept.lost.items()}),
            how="killed once a quarter of what waited is in its database, started again, and left to end",
            note=f"of {kept.waited} that waited; killed: {after}",
        )
    ]


HOW_SEVERAL = (
    "the same sealed reports of many boxes wait in the queue of each process at one mosquitto; one process and two in "
    "turns on one PostgreSQL on the same machine, every commit synced; from the moment when each has said that it is "
    "ready until every report is in the ledger; the run with the median rate is shown"
)


def _several(found: Several) -> list[Figure]:
    one, two = found.one, found.two
    rates = [", ".join(f"{rate:.0f}" for rate in each) for each in (found.one_rates, found.two_rates)]
    return [
        Figure(
            name="postgresql_one",
            title="On PostgreSQL, one process: time for a report",
            value=1e6 / one.rate,
            unit="us",
            limit=1e6 / RATE_MIN,
            how=HOW_SEVERAL,
            note=f"{one.rate:.0f}/s, {one.reports} reports; each run: {rates[0]}; processor time {_spent(one)}",
        ),
        Figure(
            name="postgresql_of_parts",
            title="On PostgreSQL, one process: time for a report, of the sum of its parts",
            value=1e6 / one.rate / found.parts.total,
            unit="times",
            limit=1 / OF_THE_PARTS_MIN,
            how="each part alone, as on SQLite; the very rows by psycopg alone (executemany), as many in a transaction",
            note=f"{_told(found.parts, one.rate)}; {found.batch:.0f} in a transaction; the same rows by raw COPY: "
            f"{found.copied_us:.0f} us",
        ),
        Figure(
            name="postgresql_two",
            title="On PostgreSQL, two processes: time for a report",
            value=1e6 / two.rate,
            unit="us",
            limit=1e6 / one.rate,
            under=True,
            peers=(Peer("one process", 1e6 / one.rate),),
            how=HOW_SEVERAL,
            note=f"{two.rate:.0f}/s, {two.rate / one.rate:.2f} times one; each run: {rates[1]}; processor time "
            f"{_spent(two)}: {os.cpu_count()} cores allow {os.cpu_count() or 1:d} s of it in a second, "
            f"{(os.cpu_count() or 1) * 1e6 / two.total_us:.0f} reports",
        ),
        Figure(
            name="postgresql_each",
            title="Two processes: processor time of each, of one's alone",
            value=max(two.ingest_us) / sum(one.ingest_us),
            unit="times",
            limit=OF_ONE_MAX,
            how="for each report that both kept together, of the one that spent more; it does not depend on how many "
            "cores broker, database and processes have between them",
            note=f"{', '.join(f'{each:.0f} us' for each in two.ingest_us)}; alone {sum(one.ingest_us):.0f}",
        ),
    ]


def _spent(kept: Kept) -> str:
    each = " and ".join(f"{us:.0f}" for us in kept.ingest_us)
    return f"ingest {each} us, PostgreSQL {kept.postgresql_us:.0f}, mosquitto {kept.broker_us:.0f}"


def _one_box(box: OneBox) -> list[Figure]:
    return [
        Figure(
            name="to_row",
            title="Order to write, to the clinic's row (p99)",
            value=box.to_row_ms.p99,
            unit="ms",
            spread=box.to_row_ms,
            how="it begins at the order to write, not at the finger: a process in the kiosk's place writes one "
            "evaluation at a time, idle house; until link.db has the clinic's acknowledgement, which leaves after the "
            "row was committed: an upper bound",
            note=f"p50 {box.to_row_ms.median:.1f} ms",
        ),
        session(box.bytes),
        Figure(
            name="link_day",
            title="Processor time of the link in a day of three sessions",
            value=box.link_day_s,
            unit="s",
            how="the link's own clock over an idle time, and for each report beyond it; made up to a day, with its 96 "
            "hellos and 96 heartbeats, each reckoned as dear as a report (the idle time holds one of them or none)",
            note=f"idle {box.idle_share:.4%} of a core, {box.report_cpu_ms:.1f} ms a report",
        ),
    ]


def session(told: SessionBytes, day: str = "") -> Figure:
    """day: of its measurement, where it was not measured with the others."""
    return Figure(
        name="session_bytes",
        title="Bytes on the wire for one session, TLS apart",
        value=told.without,
        unit="bytes",
        limit=SESSION_BYTES_MAX,
        peers=(Peer("the same in JSON", told.in_json),),
        how="a proxy between link and broker counts both directions: three reports, their acknowledgements, every MQTT "
        "packet of them, on a connection that stands; TLS apart: its records' 22 bytes each taken off; JSON: the same "
        "house, counted just before beside an ingest that knows form 1 of letters alone",
        note=f"{told.with_tls} with TLS"
        + (f"; counted alone by `python -m tests.bench wire-bytes`, {day}" if day else ""),
    )


def _back(back: CameBack, before: CameBack | None = None) -> list[Figure]:
    """before: the same, where the box that calls is of before the channel `urgent`."""
    every = [back, before] if before else [back]
    return [
        Figure(
            name="back_seconds",
            title=f"{back.boxes} boxes come back at once with a week: until all is acknowledged",
            value=back.seconds,
            unit="s",
            how="the link's own decisions for each box in one process (asyncio, TLS, certificates; their processor "
            "time is in the figure), one ingest, SQLite",
            note=f"{back.reports} reports, {back.reports / back.seconds:.0f}/s; {back.sent} sent; the first box was "
            f"done after {back.connected_s:.1f} s",
        ),
        Figure(
            name="back_lost",
            title="of them lost, or kept twice",
            value=sum(abs(one.lost) for one in every),
            unit="reports",
            limit=0,
            how="rows of the ledger against what was given",
            note=" and ".join(f"{one.kept} of {one.reports}" for one in every) + " are in the ledger",
        ),
        Figure(
            name="back_help",
            title="of them one more on which help is asked: until it is acknowledged",
            value=back.help_s,
            unit="s",
            peers=(Peer("from a box of before the channel `urgent`", before.help_s),) if before else (),
            how=f"one more box, a process of its own, comes back with them, and {coming_back.CALL_AFTER_S:.0f} s after "
            "it began a call for help is written on it; from that order until this box has the acknowledgement of the "
            "clinic's database" + ("; beside it the same in a run of its own, just after" if before else ""),
        ),
    ]


def load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


__all__ = ["figures", "load", "measure", "measure_calls", "measure_several", "missing", "rates"]
