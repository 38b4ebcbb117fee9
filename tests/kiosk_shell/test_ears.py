"""The week of each person on a real database: kills, other persons, clocks, damage; the shell tells the journey."""

from pathlib import Path

import pytest
from msgspec import structs

from audio.hearing.calibration import LOUDEST_PLAUSIBLE
from audio.hearing.dose import allowance_pa2h, exposure_pa2h
from audio.player.protocol import HeadphonesChange, LevelChange, Prepare
from kiosk.shell.config import Config, Folders
from kiosk.shell.ears import Installed, calibration_of
from kiosk.shell.selftest import _headphones
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import Listening
from tests.support.shell import Bedside
from tests.support.words_of_care import DBA_AT_0_DB, LUFS, install, plan

HOUR_MS = 3600_000
DAY_MS = 24 * HOUR_MS
MINUTE_AT_70 = exposure_pa2h(70, 60)


def listen(bedside: Bedside) -> None:
    """One session of a minute, heard whole, nothing answered."""
    bedside.to_playing()
    bedside.player.tell(frames_total=60 * 48_000)
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    bedside.touch("done")


def week(bedside: Bedside, patient: str = "martin") -> float:
    return sum(one.pa2h for one in bedside.store.heard(patient, bedside.clock()))


def used(bedside: Bedside, pa2h: float, patient: str = "martin") -> None:
    """As if the person had heard so much just now."""
    lived_ms = bedside.store._doses._advance(bedside.clock()).lived_ms
    row = (patient, pa2h, lived_ms)
    bedside.store._database.execute("INSERT INTO dose (patient, session, pa2h, lived_ms) VALUES (?, 'x', ?, ?)", row)
    bedside.clock.pass_ms(31_000)
    bedside.turn()


def reports(bedside: Bedside) -> list[Listening]:
    bedside.clinic_hears()
    told = [kept.report.content for kept in bedside.wire.store.contents.reports.values() if kept.report]
    return [content for content in told if isinstance(content, Listening)]


def test_what_was_heard_is_kept_and_counts_until_seven_days_have_passed(bedside: Bedside) -> None:
    listen(bedside)
    bedside.restart()
    listen(bedside)
    assert week(bedside) == pytest.approx(2 * MINUTE_AT_70)
    assert reports(bedside)[-1].dose_week_percent == pytest.approx(100 * 2 * MINUTE_AT_70 / 1.6)
    bedside.clock.pass_ms(7 * DAY_MS)
    assert week(bedside) == 0


def test_old_exposures_are_pruned(bedside: Bedside) -> None:
    listen(bedside)
    bedside.clock.pass_ms(8 * DAY_MS)
    bedside.turn()
    bedside.wire.order(2, PlanOrder(plan=prolonged(plan())), expires_ms=bedside.clock.wall_ms + DAY_MS)
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    listen(bedside)
    assert bedside.store._database.execute("SELECT count(*) FROM dose").fetchone() == (1,)


def test_what_is_over_leaves_the_card_even_when_nobody_listens_any_more(bedside: Bedside) -> None:
    listen(bedside)
    bedside.clock.pass_ms(7 * DAY_MS + HOUR_MS)
    bedside.turn()
    assert bedside.store._database.execute("SELECT count(*) FROM dose").fetchone() == (0,)


def prolonged(care_plan: CarePlan) -> CarePlan:
    return structs.replace(care_plan, version=2, period=structs.replace(care_plan.period, end_ms=2**45))


def test_a_kill_in_the_middle_counts_what_was_committed(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.tell(frames_total=60 * 48_000, frames_played=20 * 48_000)
    bedside.turn()
    bedside.stop()
    bedside.player.vanish()
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 5_000
    bedside.player.come_back()
    bedside.start()
    bedside.clock.pass_ms(1_000)
    bedside.turn()
    assert bedside.screen == "NoticeView"
    early = exposure_pa2h(74, 20)  # the mean's 70, and 4 dB for the loud beginning
    assert week(bedside) == pytest.approx(early)
    assert reports(bedside)[-1].dose_pa2h == pytest.approx(early)


def test_a_report_and_its_dose_are_one_transaction(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.store._database.execute("DROP TABLE dose")
    bedside.player.play_whole()
    bedside.turn()
    assert bedside.view.code == "disk-full"
    assert bedside.store._read("SELECT kind FROM result WHERE kind = 'listening'") == []


def test_each_person_of_a_box_has_their_own_week(bedside: Bedside) -> None:
    used(bedside, 1.5)
    durand = structs.replace(plan(), patient=Patient(id="durand", address_as="Monsieur Durand"))
    bedside.wire.order(2, PlanOrder(plan=durand))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    listen(bedside)
    assert week(bedside, "durand") == pytest.approx(MINUTE_AT_70)
    assert week(bedside, "martin") == pytest.approx(1.5)
    bedside.wire.order(3, PlanOrder(plan=plan()))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    bedside.to_playing()
    assert bedside.shell._journey.place.session.volume.week_pa2h == pytest.approx(1.5)  # type: ignore[union-attr]


def test_the_clock_is_lost_and_nothing_is_forgotten(bedside: Bedside) -> None:
    used(bedside, 1.5)
    bedside.stop()
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 1_000
    bedside.clock.wall_ms, bedside.clock.trusted = 0, False
    bedside.start()
    assert week(bedside) == pytest.approx(1.5)
    bedside.clock.pass_ms(6 * DAY_MS)
    assert week(bedside) == pytest.approx(1.5)
    bedside.clock.pass_ms(DAY_MS + HOUR_MS)
    assert week(bedside) == 0  # it has run for a week: that is known without a clock


def test_a_clock_of_before_the_box_was_built_counts_for_nothing(bedside: Bedside) -> None:
    """The week then ages by running, and is neither forgotten nor kept for ever."""
    used(bedside, 1.5)
    bedside.stop()
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 1_000
    bedside.clock.wall_ms -= 4 * 365 * DAY_MS
    bedside.start()
    bedside.clock.wall_ms += 7 * DAY_MS + HOUR_MS
    assert week(bedside) == pytest.approx(1.5)
    bedside.clock.pass_ms(7 * DAY_MS + HOUR_MS)
    assert week(bedside) == 0


def test_a_clock_that_jumps_by_years_neither_forgets_nor_blocks_for_ever(bedside: Bedside) -> None:
    used(bedside, 1.5)
    bedside.stop()
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 1_000
    bedside.clock.wall_ms += 4 * 365 * DAY_MS
    bedside.start()
    assert week(bedside) == pytest.approx(1.5)
    bedside.stop()
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-3", 1_000
    bedside.clock.wall_ms += 7 * DAY_MS + HOUR_MS
    bedside.start()
    assert week(bedside) == 0


def test_the_time_that_has_run_outlives_a_power_cut(bedside: Bedside) -> None:
    used(bedside, 1.5)
    bedside.clock.trusted = False
    bedside.clock.pass_ms(6 * DAY_MS)
    bedside.turn()
    bedside.restart()
    bedside.stop()
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 1_000
    bedside.start()
    bedside.clock.pass_ms(DAY_MS + HOUR_MS)
    assert week(bedside) == 0


def test_a_session_that_would_pass_the_week_is_offered_more_softly(bedside: Bedside) -> None:
    used(bedside, allowance_pa2h("adult") - exposure_pa2h(64, 60))
    bedside.touch("care:riviere")
    bedside.decline_all()
    while bedside.screen == "TextView":
        bedside.touch("continue")
    assert "Vos oreilles ont beaucoup écouté" in bedside.view.detail
    bedside.turn()
    bedside.push()
    assert bedside.player.status.gain_db == pytest.approx(64 - 85, abs=1e-6)
    bedside.touch("louder")
    assert bedside.view.sentence == "C’est le plus fort pour vos oreilles."
    assert bedside.player.status.gain_db == pytest.approx(64 - 85, abs=1e-6)


def test_after_a_week_of_sound_the_ears_rest_and_then_it_is_possible_again(bedside: Bedside) -> None:
    used(bedside, 2.0)
    bedside.touch("care:riviere")
    assert bedside.view.title == "Vos oreilles ont besoin de repos."
    assert "Ce soin sera possible dans environ 7 jours." in bedside.view.lines
    bedside.touch("done")
    bedside.wire.order(2, PlanOrder(plan=prolonged(plan())))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    bedside.clock.pass_ms(4 * DAY_MS)
    bedside.turn()
    bedside.touch("care:riviere")
    assert "Ce soin sera possible dans environ 3 jours." in bedside.view.lines
    bedside.touch("done")
    bedside.clock.pass_ms(3 * DAY_MS)
    bedside.turn()
    bedside.touch("care:riviere")
    assert bedside.screen == "ConeView"


def test_softer_and_the_plug_are_in_the_report(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.tell(
        frames_total=60 * 48_000,
        level_changes=(LevelChange(48_000, -18.0),),
        level_changes_total=1,
        headphones="out",
        headphones_changes=(HeadphonesChange(96_000, "out"),),
        headphones_changes_total=1,
    )
    bedside.turn()
    assert bedside.view.sentence == "Le casque est débranché. Le soin continue."
    bedside.player.play_whole()
    bedside.turn()
    report = reports(bedside)[-1]
    assert [(one.at_frame, one.gain_db) for one in report.level_changes] == [(48_000, -18.0)]
    assert [(one.at_frame, one.headphones) for one in report.headphones_changes] == [(96_000, "out")]
    assert report.dose_pa2h == pytest.approx(exposure_pa2h(70, 1) + exposure_pa2h(67, 59))


def test_a_package_installed_a_moment_ago_is_known_when_it_is_made_ready(bedside: Bedside) -> None:
    folder = bedside.folder / "packages" / "riviere"
    (folder / "manifest.toml").unlink()
    bedside.clock.pass_ms(31_000)
    bedside.turn()
    install(bedside.folder / "packages", "riviere", 61)
    bedside.to_playing()
    assert bedside.player.status.gain_db == pytest.approx(70 - 85)


def test_an_installed_package_is_read_again_when_it_changes(tmp_path: Path) -> None:
    installed = Installed(tmp_path)
    assert installed.of("riviere") is None
    install(tmp_path, "riviere", 60)
    first = installed.of("riviere")
    assert first is not None
    assert (first.lufs, first.duration_s) == (LUFS, 60.0)
    (tmp_path / "riviere" / "manifest.toml").unlink()
    install(tmp_path, "riviere", 90)
    again = installed.of("riviere")
    assert again is not None
    assert again.duration_s == 90.0
    (tmp_path / "riviere" / "manifest.toml").write_text("rubbish = [")
    assert installed.of("riviere") is None


EXAMPLE = Path(__file__).parents[2] / "firmware_config/box/headphones-example.toml"


@pytest.mark.parametrize("path", ["", "/nowhere/headphones.toml", str(EXAMPLE)])
def test_a_box_without_a_measure_reckons_with_the_loudest_headphones_and_staff_are_told(path: str) -> None:
    assert calibration_of(path) == LOUDEST_PLAUSIBLE
    config = Config(folders=Folders(data="", run="", enrolment="", packages=""), calibration=path)
    (finding,) = _headphones(config)
    assert not finding.fine
    assert "uncalibrated" in finding.detail
    assert "docs/etalonnage.md" in finding.remedy


def test_a_calibrated_box_tells_by_whom_and_how_surely(tmp_path: Path) -> None:
    file = tmp_path / "headphones.toml"
    file.write_text(EXAMPLE.read_text().replace("example = true", ""))
    config = Config(folders=Folders(data="", run="", enrolment="", packages=""), calibration=str(file))
    (finding,) = _headphones(config)
    assert finding.fine
    assert "82 dBA for -23 LUFS" in finding.detail
    assert "± 6 dB" in finding.detail
    assert calibration_of(str(file)).name == "Exemple à copier"


def test_a_package_that_came_a_moment_ago_plays_as_loud_as_its_own_manifest_says(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.decline_all()
    manifest = bedside.folder / "packages" / "riviere" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace(f"loudness_lufs = {LUFS}", f"loudness_lufs = {LUFS + 10}"))
    while bedside.screen == "TextView":
        bedside.touch("continue")  # long before the next look at the link
    prepared = next(command for command in bedside.player.commands if isinstance(command, Prepare))
    assert prepared.gain_db == pytest.approx(70 - DBA_AT_0_DB - 10)


def test_a_plug_that_wobbles_does_not_wear_the_card(bedside: Bedside) -> None:
    bedside.to_playing()
    changes: tuple[HeadphonesChange, ...] = ()
    writes = bedside.store._database.conn.total_changes
    for count in range(1, 151):
        if count <= 100:
            changes = (*changes, HeadphonesChange(480 * count, "out" if count % 2 else "in"))
        bedside.player.tell(
            frames_total=60 * 48_000,
            frames_played=480 * count,
            headphones="out" if count % 2 else "in",
            headphones_changes=changes,
            headphones_changes_total=count,
        )
        bedside.turn(1)
    assert bedside.store._database.conn.total_changes - writes <= 1
    bedside.player.tell(frames_played=11 * 48_000)  # the position is written now, and with it what the plug has done
    bedside.turn()
    draft = bedside.store.draft()
    assert draft is not None
    assert (draft.frames_played, draft.headphones_changes_total) == (11 * 48_000, 150)
