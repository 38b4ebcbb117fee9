"""A disk that refuses, a clock that lies, a hand that trembles, a player that was busy: what the shell makes of it."""

import errno
import sqlite3
from pathlib import Path

import pytest
from msgspec import structs

from audio.player import protocol
from kiosk.button.debounce import HELD_MS
from kiosk.journey.effects import Write
from kiosk.screen.touch import SETTLE_MS
from kiosk.shell.sound import RETRY_MS
from kiosk.shell.store import BedsideStore, StorageError
from mqtt_bridge import seal
from mqtt_bridge.bell import Bell
from mqtt_bridge.contract import wire as words
from mqtt_bridge.contract.care import CarePlan, PlanReference
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Patient, Period
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import Evaluation, Gap, Listening
from mqtt_bridge.outbox import rows
from tests.support.shell import Bedside
from tests.support.wire import BOX, CLINIC, enrolled, listening
from tests.support.words_of_care import DAY_MS, NOW_MS, ManualClock, plan

ACK = f"chevet/v1/{CLINIC}/{BOX}/ack"


class RefusingStore(BedsideStore):
    """The card takes nothing."""

    def _write(self, order: Write) -> None:
        raise sqlite3.OperationalError("database or disk is full")


def refuse(bedside: Bedside) -> None:
    bedside.store.__class__ = RefusingStore


def take_again(bedside: Bedside) -> None:
    bedside.store.__class__ = BedsideStore
    bedside.clock.pass_ms(6_000)
    bedside.turn()


def commands(bedside: Bedside) -> list[str]:
    return [type(command).__name__ for command in bedside.player.commands]


def reports(bedside: Bedside) -> list[Evaluation | Listening]:
    """What the clinic's database holds of the kiosk."""
    arrived = [a.report.content for a in bedside.wire.store.contents.reports.values() if a.report]
    return [content for content in arrived if isinstance(content, Evaluation | Listening)]


def to_thanks(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()


def prescribe(bedside: Bedside, serial: int, care_plan: CarePlan) -> None:
    bedside.wire.order(serial, PlanOrder(plan=care_plan))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()


# A disk that refuses


def test_the_player_keeps_its_result_until_the_disk_has_it(bedside: Bedside) -> None:
    bedside.to_playing()
    refuse(bedside)
    bedside.player.play_whole()
    bedside.turn()
    assert "Collect" not in commands(bedside)
    take_again(bedside)
    bedside.clinic_hears()
    assert [c.outcome for c in reports(bedside) if isinstance(c, Listening)] == ["heard_whole"]


def test_what_the_disk_refused_is_written_later_whole_and_in_order(bedside: Bedside) -> None:
    bedside.to_playing()
    refuse(bedside)
    for second in (11, 22):
        bedside.player.tell(frames_played=second * 48_000)
        bedside.turn()
    bedside.player.play_whole()
    bedside.turn()
    assert bedside.view.code == "disk-full"
    assert bedside.window.targets() == ()  # nothing is asked that could not be kept
    take_again(bedside)
    assert (bedside.screen, bedside.view.value) == ("ConeView", None)
    bedside.decline_all()
    bedside.clinic_hears()
    assert [type(c).__name__ for c in reports(bedside)] == ["Evaluation", "Listening", "Evaluation"]


def test_a_care_that_plays_can_be_stopped_while_the_disk_refuses(bedside: Bedside) -> None:
    bedside.to_playing()
    refuse(bedside)
    bedside.player.tell(frames_played=11 * 48_000)
    bedside.turn()
    bedside.touch("stop")
    bedside.touch("yes")
    assert "Stop" in commands(bedside)


class FullUntilFreed(BedsideStore):
    """A disk that is full but for the room that was kept for this session."""

    def _write(self, order: Write) -> None:
        if self._room.reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._write(order)


def test_the_room_that_was_kept_is_given_up_for_the_record(bedside: Bedside) -> None:
    bedside.to_playing()
    assert (bedside.folder / "reserve").stat().st_size > 1_000_000
    bedside.store.__class__ = FullUntilFreed
    bedside.player.play_whole()
    bedside.turn()
    assert commands(bedside)[-1] == "Collect"
    assert bedside.screen == "ConeView"


class NoRoom(BedsideStore):
    def reserve(self) -> bool:
        return False


def test_no_room_no_care(bedside: Bedside) -> None:
    bedside.store.__class__ = NoRoom
    bedside.touch("care:riviere")
    bedside.decline_all()
    while bedside.screen == "TextView":
        bedside.touch("continue")
    bedside.turn()
    assert bedside.screen == "NoticeView"
    bedside.push()
    assert "Start" not in commands(bedside)


def test_room_that_cannot_be_had_is_not_promised(bedside: Bedside) -> None:
    (bedside.folder / "reserve").mkdir()  # nothing can be kept there
    assert not bedside.store.reserve()


def test_a_draft_that_this_version_cannot_read_is_put_aside(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.store._database.execute("UPDATE draft SET draft = ?", (b'{"step": "of another version"}',))
    bedside.restart()
    assert bedside.screen == "HomeView"


def test_what_is_over_leaves_no_draft_in_clear(bedside: Bedside) -> None:
    to_thanks(bedside)
    assert bedside.store.draft() is None
    assert bedside.store._database.execute("SELECT COUNT(*) FROM draft").fetchone() == (0,)


# What is in the record


def test_in_the_record_means_every_report_of_the_session(bedside: Bedside) -> None:
    to_thanks(bedside)
    session = bedside.store.last_session("martin")
    assert session is not None
    keys = sorted(bedside.store.reports_of(session))
    assert len(keys) == 3
    for through in (1, 2, 3):
        assert not bedside.view.in_record
        tell(bedside, keys[0][0], serial=100 + through, through=through)
    assert bedside.view.in_record


def tell(bedside: Bedside, epoch: str, **fields: object) -> None:
    """A signed word of the clinic's, that the link keeps and the kiosk reads."""
    told: dict[str, object] = {"ledger": bedside.wire.store.ledger, "server_ms": bedside.clock.wall_ms, **fields}
    ack = words.Ack(stream="kiosk", epoch=epoch, **told)  # type: ignore[arg-type]
    bedside.wire.broker.fate = lambda topic, _payload: "deliver" if topic == ACK else "lose"
    bedside.wire.broker.carry(ACK, bedside.wire.clinic_end._sign(BOX, "ack", encode(ack)), retain=False)
    bedside.wire.settle_down()
    bedside.clock.pass_ms(31_000)
    bedside.turn()


def test_a_report_that_is_held_makes_the_whole_session_held(bedside: Bedside) -> None:
    to_thanks(bedside)
    session = bedside.store.last_session("martin")
    assert session is not None
    epoch = bedside.store.reports_of(session)[0][0]
    tell(bedside, epoch, serial=101, through=3, held=(words.Range(first=2, last=2),))
    assert not bedside.view.in_record


def test_another_persons_session_is_not_ours(bedside: Bedside) -> None:
    to_thanks(bedside)
    bedside.clinic_hears()
    bedside.touch("done")
    assert bedside.view.record
    other = structs.replace(plan(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    prescribe(bedside, 2, other)
    assert (bedside.view.greeting, bedside.view.record) == ("Bonjour Monsieur Durand", "")


def test_the_link_is_rung_for_each_report(bedside: Bedside) -> None:
    bell = Bell(bedside.folder / "link.bell")
    bedside.touch("care:riviere")
    bell.silence()
    bedside.decline_all()
    assert bell._socket.recv(1) == b""  # would raise BlockingIOError had nobody rung
    bell.close()


def test_what_the_link_learns_without_ringing_is_seen_within_half_a_minute(bedside: Bedside) -> None:
    to_thanks(bedside)
    bedside.wire.pass_ms(1_000)
    assert not bedside.view.in_record
    bedside.clock.pass_ms(31_000)
    bedside.turn()
    assert bedside.view.in_record


# A clock that lies


def test_a_plan_ends_by_the_clinics_word_where_the_box_has_no_clock(bedside: Bedside) -> None:
    """One word among several epochs is enough, and it is the latest that counts."""
    to_thanks(bedside)
    bedside.clinic_hears()
    bedside.touch("done")
    bedside.restart()
    to_thanks(bedside)
    bedside.touch("done")
    assert bedside.view.tiles
    bedside.clock.trusted = False
    tell(bedside, bedside.store.epoch, serial=10**6, through=3, server_ms=NOW_MS + 2 * DAY_MS)
    bedside.clock.wall_ms = 0  # a power cut later it is 1970 again
    bedside.restart()
    assert bedside.view.tiles == ()


def test_a_plan_that_was_prolonged_is_in_force_at_once(bedside: Bedside) -> None:
    bedside.clock.pass_ms(2 * DAY_MS)
    bedside.turn()
    assert bedside.view.tiles == ()
    longer = structs.replace(plan(version=2), period=Period(start_ms=NOW_MS - DAY_MS, end_ms=NOW_MS + 9 * DAY_MS))
    prescribe(bedside, 2, longer)
    assert bedside.view.tiles


# A hand that trembles, a finger that stays


@pytest.mark.parametrize(("after_ms", "counts"), [(0, False), (SETTLE_MS - 50, False), (SETTLE_MS + 50, True)])
def test_the_touch_that_changed_the_screen_does_not_also_touch_the_new_one(
    bedside: Bedside, after_ms: int, *, counts: bool
) -> None:
    bedside.touch("care:riviere")
    before = bedside.view
    bedside.clock.pass_ms(after_ms)
    bedside.window.touch("decline")
    bedside.turn()
    assert (bedside.view != before) == counts


def test_a_long_press_asks_to_stop(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.button.hold(bedside.clock.monotonic_ms)
    bedside.turn()
    assert bedside.screen == "PlayingView"
    bedside.clock.pass_ms(HELD_MS)
    bedside.turn()
    assert bedside.screen == "ConfirmStopView"


# The player


def test_the_player_is_told_the_package_by_its_fingerprint_and_the_level(bedside: Bedside) -> None:
    quiet = structs.replace(plan().activity[0], gain_db=-21.0)
    prescribe(bedside, 2, structs.replace(plan(version=2), activity=(quiet,)))
    bedside.to_playing()
    (prepare,) = [command for command in bedside.player.commands if isinstance(command, protocol.Prepare)]
    assert prepare.package == str(bedside.folder / "packages" / "riviere")
    assert (prepare.fingerprint, prepare.gain_db) == ("a" * 64, -21.0)
    bedside.touch("softer")
    assert [c.gain_db for c in bedside.player.commands if isinstance(c, protocol.SetGain)] == [-24.0]


def test_what_the_player_counts_is_what_the_clinic_reads(bedside: Bedside) -> None:
    bedside.to_playing()
    gaps = (protocol.Gap(at_frame=480, duration_ms=12.5, kind="underrun"),)
    bedside.player.tell(
        phase="ended", outcome="interrupted", cause="device-lost", frames_played=48_000, gaps=gaps, gaps_total=7
    )
    bedside.turn()
    bedside.clinic_hears()
    (told,) = [content for content in reports(bedside) if isinstance(content, Listening)]
    assert (told.outcome, told.cause, told.frames_played) == ("interrupted", "device-lost", 48_000)
    assert (told.gaps, told.gaps_total) == ((Gap(at_frame=480, duration_ms=12.5),), 7)


def test_a_player_that_is_busy_with_a_former_session_is_freed(bedside: Bedside) -> None:
    bedside.player.status = protocol.PlayerStatus(phase="playing", session="former")
    bedside.touch("care:riviere")
    bedside.decline_all()
    while bedside.screen == "TextView":
        bedside.touch("continue")
    bedside.turn(6)
    assert bedside.view.armed
    assert [c.session for c in bedside.player.commands if isinstance(c, protocol.Stop)] == ["former"]


def test_a_player_that_is_away_is_looked_for_without_haste(bedside: Bedside) -> None:
    bedside.player.vanish()
    bedside.turn()
    assert 0 < bedside.shell._wait_s() * 1000 <= RETRY_MS


# One person's file


def test_each_report_of_a_session_is_noted_with_its_person(tmp_path: Path) -> None:
    store = BedsideStore(tmp_path / "bedside.db", enrolled(tmp_path / "enrolment", seal.make_keys()))
    at = ManualClock()()
    for patient in ("martin", "durand"):
        reference = PlanReference(patient=patient, plan="plan", version=1)
        store.write(Write(at, (listening(f"of-{patient}", at),), reference, None))
    assert (store.last_session("martin"), store.last_session("durand")) == ("of-martin", "of-durand")
    assert store.last_session("nobody") is None
    assert [row.seq for row in rows(store._database.conn, store.epoch, 0, 9)] == [1, 2]
    store.close()
    with pytest.raises((StorageError, sqlite3.Error)):
        store.reports_of("of-martin")


def test_a_card_that_takes_nothing_more_hides_no_word_of_the_clinic(bedside: Bedside) -> None:
    to_thanks(bedside)
    bedside.touch("done")
    bedside.store._database.execute("PRAGMA query_only=ON")  # as a card does that became read-only
    durand = structs.replace(plan(), version=2, patient=Patient(id="durand", address_as="Monsieur Durand"))
    prescribe(bedside, 2, durand)
    assert bedside.shell._journey.plan == durand
    assert bedside.shell._journey.ears is not None
    assert bedside.shell._journey.ears.patient == "durand"
    bedside.store._database.execute("PRAGMA query_only=OFF")
    bedside.clinic_hears()
    landed = "SELECT count(*) FROM outbox WHERE landed_ms IS NULL"
    assert bedside.store._database.execute(landed).fetchone() == (0,)


def test_what_the_disk_refused_is_tried_once_more_before_the_end(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    while bedside.screen == "ConeView":
        bedside.touch("decline")
    refuse(bedside)
    bedside.touch("continue")
    assert bedside.view.code == "disk-full"
    bedside.store.__class__ = BedsideStore  # room was made, and the unit is restarted at once
    bedside.shell.finish()
    bedside.restart()
    bedside.clinic_hears()
    assert [type(c).__name__ for c in reports(bedside)] == ["Evaluation", "Listening", "Evaluation"]
