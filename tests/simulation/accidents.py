"""What may happen in a schedule: life on the box and at the clinic, and every way in which it goes wrong."""

from collections.abc import Callable

from mqtt_bridge import seal
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.contract.report import Report
from tests.simulation.box import CALLS_EVERY, Box
from tests.simulation.chance import Chance
from tests.simulation.network import RIGHTS
from tests.simulation.process import Process
from tests.simulation.record import digest_of
from tests.simulation.world import World
from tests.support.wire import listening

LATE = 0.7
"""How often an update from before form 2 goes on to today's, and not only to what was before `Ack.settled`."""
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


def a_box(world: World) -> Box:
    return world.chance.pick(*world.boxes)


# Life


def report(world: World) -> None:
    box = a_box(world)
    for _ in range(world.chance.pick(1, 1, 1, 3)):
        world.sessions += 1
        box.kiosk.confirm(f"s{world.sessions}")


def call(world: World) -> None:
    """Somebody asks for help."""
    world.sessions += CALLS_EVERY - world.sessions % CALLS_EVERY
    a_box(world).kiosk.confirm(f"s{world.sessions}")


def backlog(world: World) -> None:
    """Days of use while nothing is sent."""
    box = a_box(world)
    for _ in range(world.chance.randrange(10, 30)):
        world.sessions += 1
        box.kiosk.confirm(f"s{world.sessions}")


def sealed_away(world: World) -> None:
    world.sessions += 1
    a_box(world).kiosk.confirm_sealed_away(f"s{world.sessions}", _enemy_keys(world).public)


def plan(world: World) -> None:
    valid_ms = world.chance.pick(MINUTE_MS, HOUR_MS, 90 * DAY_MS, 90 * DAY_MS)
    world.clinic.order_plan(a_box(world), stop=world.chance.happens(0.3), valid_ms=valid_ms)


def staff_read(world: World) -> None:
    world.clinic.read(a_box(world))


def kiosk_reads(world: World) -> None:
    a_box(world).kiosk.poll()


# The network


def cut_box(world: World) -> None:
    world.broker.cut(a_box(world).link.client, world.chance.randrange(60_000))


def cut_clinic(world: World) -> None:
    client = world.clinic.client
    if client is not None:
        world.broker.cut(client, world.chance.randrange(60_000))
    if world.lanes.happens(0.5):
        cut_urgent(world)


def cut_urgent(world: World) -> None:
    """Ingest's connection for what presses, alone."""
    if world.clinic.urgent is not None:
        world.broker.cut(world.clinic.urgent, world.lanes.randrange(60_000))


def rights(world: World) -> None:
    """The broker goes by rights of another age."""
    world.broker.go_by(world.lanes.pick(*RIGHTS))


def long_without_network(world: World) -> None:
    """Two cuts of the network: the box is away until it comes back."""
    box = a_box(world)
    box.away = not box.away
    world.say(box.name, "is away" if box.away else "is back")
    if box.away:
        world.broker.cut(box.link.client, None)
    else:
        world.broker.connect(box.link.client)


def amnesia(world: World) -> None:
    world.say("broker", "forgets everything")
    world.broker.forgets()


# Deaths


def _doom(world: World, process: Process) -> None:
    chance = world.chance
    if chance.happens(0.7):
        process.doom(writes=chance.randrange(25), power=chance.happens(0.6))
    else:
        process.doom(effects=chance.randrange(6), power=chance.happens(0.3))


def kiosk_dies(world: World) -> None:
    _doom(world, a_box(world).kiosk)


def link_dies(world: World) -> None:
    _doom(world, a_box(world).link)


def clinic_dies(world: World) -> None:
    _doom(world, world.clinic)


def power_cut(world: World) -> None:
    box = a_box(world)
    for process in box.processes():
        process.fall(power=True)
    if world.chance.happens(0.5):
        _set_by_network(box)


def _set_by_network(box: Box) -> None:
    box.machine.trusted, box.machine.wrong_by_ms = True, 0
    box.machine.goes_astray()


def clinic_power_cut(world: World) -> None:
    world.clinic.fall(power=True)


def kill(world: World) -> None:
    world.chance.pick(*world.processes()).fall(power=False)


def disk_full(world: World) -> None:
    process = world.chance.pick(*world.processes())
    process.disk.full = not process.disk.full
    world.say(process.name, "disk full" if process.disk.full else "disk has room again")


# Media


def back_up(world: World) -> None:
    world.clinic.back_up()


def restore(world: World) -> None:
    clinic, chance = world.clinic, world.chance
    if clinic.backups and clinic.alive and not clinic.disk.full:
        clinic.restore(chance.randrange(len(clinic.backups)), new_ledger=chance.happens(0.5))


def put_back_as_it_was(world: World) -> None:
    """A snapshot of the clinic's machine: nobody tells the database that it is one of before."""
    clinic = world.clinic
    if clinic.backups and clinic.alive and not clinic.disk.full:
        clinic.restore(world.chance.randrange(len(clinic.backups)), new_ledger=False)


def put_back_while_away(world: World) -> None:
    """A report is kept, its box is away before it hears of it, and the machine of before it is put back."""
    box, clinic = a_box(world), world.clinic
    if box.away or not clinic.alive or clinic.disk.full:
        return
    clinic.back_up()
    world.sessions += 1
    box.kiosk.confirm(f"s{world.sessions}")
    world.run_for(world.chance.randrange(20, 3_000))
    world.say(box.name, "is away")
    box.away = True
    world.broker.cut(box.link.client, None)
    world.run_for(10 * MINUTE_MS)
    clinic.restore(len(clinic.backups) - 1, new_ledger=False)
    days_pass(world)
    world.say(box.name, "is back")
    box.away = False
    world.broker.connect(box.link.client)


def link_db_lost(world: World) -> None:
    box = a_box(world)
    box.link.fall(power=False)
    box.link.wipe()
    world.say(box.link.name, "link.db is lost")
    box.truths.link_lost()


def bedside_db_lost(world: World) -> None:
    box = a_box(world)
    box.kiosk.fall(power=False)
    box.kiosk.wipe()
    world.say(box.kiosk.name, "bedside.db is lost")
    _begin_again(box)


def card_copied(world: World) -> None:
    box = a_box(world)
    if all(process.alive for process in box.processes()):
        box.copy = [_files(process) for process in box.processes()]
        world.say(box.name, "its card is copied")


def card_put_back(world: World) -> None:
    box = a_box(world)
    if box.copy is None:
        return
    world.say(box.name, "its card is put back from the copy")
    box.boots()
    for process, files in zip(box.processes(), box.copy, strict=True):
        process.fall(power=False)
        process.wipe()
        for name, raw in files.items():
            (process.disk.folder / name).write_bytes(raw)
    box.truths.link_lost()
    _begin_again(box)


def _begin_again(box: Box) -> None:
    """The kiosk starts at once on what is there, so that the reckoning knows what the card had."""
    box.truths.medium_changed = True
    box.kiosk.rise()


def _files(process: Process) -> dict[str, bytes]:
    """A card is copied while the box is off: with its write-ahead logs."""
    return {f.name: f.read_bytes() for f in process.disk.folder.iterdir() if f.name.endswith((".db", "-wal"))}


# Time


def clock_jumps(world: World) -> None:
    clock, chance = a_box(world).machine, world.chance
    clock.trusted = chance.happens(0.4)
    far_ms = chance.pick(HOUR_MS, 40 * DAY_MS, 20 * 365 * DAY_MS)
    clock.wrong_by_ms = chance.randrange(-MINUTE_MS, MINUTE_MS) if clock.trusted else chance.randrange(-far_ms, far_ms)
    clock.goes_astray()
    world.say("clock", f"wrong by {clock.wrong_by_ms} ms, trusted: {clock.trusted}")


def clinic_clock_jumps(world: World) -> None:
    world.clinic.wrong_by_ms = world.chance.randrange(-5 * MINUTE_MS, 5 * MINUTE_MS)


def days_pass(world: World) -> None:
    days = world.chance.pick(1, 6, 13, 29, 31)
    world.say("time", f"{days} days pass")
    world.sleep(days * DAY_MS + world.chance.randrange(HOUR_MS))


# Updates


def clinic_updated(world: World) -> None:
    """Or its update is taken back."""
    clinic = world.clinic
    clinic.old, clinic.late = not clinic.old, world.ages.happens(LATE)
    clinic.presses = world.lanes.happens(LATE)
    world.say("clinic", f"is now of {_age(old=clinic.old, late=clinic.late, presses=clinic.presses)}")
    rights(world)
    world.clinic.fall(power=False)


def box_updated(world: World) -> None:
    """Or it starts from its former image again."""
    box = a_box(world)
    box.old, box.late = not box.old, world.ages.happens(LATE)
    box.presses = world.lanes.happens(LATE)
    world.say(box.name, f"is now of {_age(old=box.old, late=box.late, presses=box.presses)}")
    for process in box.processes():
        process.fall(power=False)


def _age(*, old: bool, late: bool, presses: bool) -> str:
    if old or not late:
        return "before form 2" if old else "before settled"
    return "today" if presses else "before urgent"


# Enemies


def revoke(world: World) -> None:
    if len(world.boxes) > 1 or world.chance.happens(0.2):
        world.clinic.revoke(a_box(world))


def replay(world: World) -> None:
    """Something published once, on its topic or on another one."""
    seen = world.broker.seen
    if world.chance.happens(0.5):
        seen = [(topic, payload) for topic, payload in seen if topic.endswith("/ack")]
    if not seen:
        return
    topic, payload = world.chance.pick(*seen)
    other = world.chance.pick(topic, topic, world.chance.pick(*world.broker.seen)[0])
    world.say("enemy", f"replays {topic.rsplit('/', 2)[1:]} on {other.rsplit('/', 2)[1:]}")
    world.broker.carry(other, payload)


def alter(world: World) -> None:
    """One bit of something published once."""
    if not world.broker.seen:
        return
    topic, payload = world.chance.pick(*world.broker.seen)
    changed = bytearray(payload)
    changed[world.chance.randrange(len(changed))] ^= 1 << world.chance.randrange(8)
    world.say("enemy", f"alters {topic.rsplit('/', 2)[1:]}")
    world.broker.carry(topic, bytes(changed))


def forge_order(world: World) -> None:
    """Under keys of the enemy's own, sealed to the box all the same."""
    box, keys = a_box(world), _enemy_keys(world)
    order = Order(
        id=f"forged-{world.chance.token(3)}",
        box=box.name,
        serial=world.now_ms + world.chance.randrange(DAY_MS),
        issued_ms=world.now_ms,
        expires_ms=world.now_ms + DAY_MS,
        content=PlanOrder(plan=None),
    )
    letter = write_order(world.clinic_id, encode(order), box.name, box.enrolment.keys.public, keys)
    world.say("enemy", f"forges {order.id}")
    world.broker.carry(wire.topic(world.clinic_id, box.name, "down"), letter)


def forge_ack(world: World) -> None:
    """« All that you ever sent is in the record. »"""
    box, keys = a_box(world), _enemy_keys(world)
    epochs = sorted({key[0] for key in box.truths.attempts.values()}) or ["0" * 16]
    epoch = world.chance.pick(*epochs)
    ack = wire.Ack(ledger="enemy", serial=2**50, stream="kiosk", epoch=epoch, through=2**40, server_ms=world.now_ms)
    signer = world.chance.pick(keys.public.verify_id, world.clinic_keys.public.verify_id)
    letter = wire.Letter(kind="ack", clinic=world.clinic_id, box=box.name, signer=signer, body=encode(ack))
    world.say("enemy", f"forges an acknowledgement of {epoch[:4]}")
    world.broker.carry(wire.topic(world.clinic_id, box.name, "ack"), seal.sign(letter, keys))


def forge_report(world: World) -> None:
    """Under keys of the enemy's own, in the name of a box."""
    box, keys = a_box(world), _enemy_keys(world)
    letter = wire.Letter(
        kind="report",
        clinic=world.clinic_id,
        box=box.name,
        signer=box.enrolment.keys.public.verify_id,
        recipient=world.clinic_keys.public.seal_id,
        stream="kiosk",
        epoch=world.chance.token(8),
        seq=1,
        body=world.chance.randbytes(80),
    )
    world.broker.carry(wire.topic(world.clinic_id, box.name, "up"), seal.sign(letter, keys))


def impostor(world: World) -> None:
    """Who copied the card signs as the box: another content under a name that the table has."""
    rows = [r for r in world.truths.table.values() if r.identity.stream == "kiosk"]
    if not rows:
        return
    identity = world.chance.pick(*rows).identity
    box = next(b for b in world.boxes if b.name == identity.box)
    stamp = box.machine()
    report = Report(id="impostor", identity=identity, recorded=stamp, content=listening("impostor", stamp))
    letter = wire.Letter(
        kind="report",
        clinic=world.clinic_id,
        box=box.name,
        signer=box.enrolment.keys.public.verify_id,
        recipient=world.clinic_keys.public.seal_id,
        stream=identity.stream,
        epoch=identity.epoch,
        seq=identity.seq,
        body=seal.seal(encode(report), world.clinic_keys.public),
    )
    signed = seal.sign(letter, box.enrolment.keys)
    world.impostures[digest_of(signed)] = identity
    world.say("enemy", f"writes another content for {identity.epoch[:4]}/{identity.seq}")
    world.broker.carry(wire.topic(world.clinic_id, box.name, "up"), signed)


def _enemy_keys(world: World) -> seal.SecretKeys:
    return seal.SecretKeys(sign=world.chance.randbytes(32), unseal=world.chance.randbytes(32))


Accident = Callable[[World], None]
LIFE: dict[Accident, float] = {report: 10, backlog: 0.2, plan: 3, staff_read: 3, kiosk_reads: 1}
ACCIDENTS: dict[Accident, float] = {
    cut_box: 2,
    cut_clinic: 2,
    long_without_network: 2,
    amnesia: 2,
    kiosk_dies: 2,
    link_dies: 3,
    clinic_dies: 3,
    power_cut: 2,
    kill: 2,
    disk_full: 2,
    back_up: 2,
    restore: 2,
    link_db_lost: 0.7,
    bedside_db_lost: 0.7,
    card_copied: 0.7,
    card_put_back: 1,
    clock_jumps: 2,
    clinic_clock_jumps: 1,
    days_pass: 1.5,
    clinic_updated: 0.7,
    box_updated: 0.7,
    revoke: 0.3,
    replay: 2,
    alter: 2,
    forge_order: 1,
    forge_ack: 1,
    forge_report: 1,
    impostor: 1,
    sealed_away: 1,
}
THEMES: tuple[tuple[Accident, ...], ...] = (
    (days_pass, days_pass, back_up, restore, kiosk_reads, kiosk_reads, replay),
    (cut_box, cut_clinic, long_without_network, amnesia, replay),
    (kiosk_dies, link_dies, clinic_dies, power_cut, kill, disk_full),
    (card_copied, card_put_back, bedside_db_lost, link_db_lost, power_cut, days_pass),
    (revoke, replay, alter, forge_order, forge_ack, forge_report, impostor, sealed_away),
    (clock_jumps, clinic_clock_jumps, days_pass, plan, plan, cut_box),
    (clinic_updated, box_updated, link_dies, back_up, restore, amnesia),
)
"""What belongs together: an accident reaches further among its own."""


PLOT = 1_000_000
"""A seed from here on tells a plot: the first million the first one, and so on."""
PLOTS: tuple[dict[Accident, float], ...] = (
    {report: 2, back_up: 2, restore: 2, days_pass: 3, kiosk_reads: 4},
    {report: 3, plan: 0.7, staff_read: 4, link_db_lost: 2, cut_box: 0.5},
    {report: 2, put_back_while_away: 3, put_back_as_it_was: 1, days_pass: 2, kiosk_reads: 2},
    {report: 3, back_up: 1, restore: 1, days_pass: 3, kiosk_reads: 3, clinic_updated: 1, box_updated: 1},
    {report: 5, plan: 2, staff_read: 1, clinic_power_cut: 2, clinic_dies: 2, cut_clinic: 1},
    {report: 2, call: 7, cut_box: 1, cut_urgent: 1, rights: 3, clinic_dies: 3, link_dies: 1, box_updated: 0.3},
)
"""What takes thousands of schedules to happen by chance: a backup put back between two times thirty days; link.db lost,
and a later order comes before the plan is there again; the clinic's machine put back while a box is away; thirty days
between updates; the clinic's machine without power, again and again (of the first 46 schedules from seed 0 three);
calls for help while their channel comes and goes."""
PLOTS_AGAIN = 4
"""So many of them in turn after the last: seeds from 7,000,000 on mean what they meant before the fifth."""


def drawn(chance: Chance, seed: int) -> dict[Accident, float]:
    """What may happen in one schedule: a theme, or some of everything. Few kinds, often, reach further than all."""
    if seed >= PLOT:
        number = seed // PLOT - 1
        return PLOTS[number if number < len(PLOTS) else number % PLOTS_AGAIN]
    if chance.happens(0.5):
        return {a: w for a, w in ACCIDENTS.items() if chance.happens(0.4)} | LIFE
    weights = dict(LIFE)
    for theme in chance.sample(THEMES, chance.pick(1, 1, 2)):
        for accident in theme:
            weights[accident] = weights.get(accident, 0) + 2
    return weights
