"""What care holds back, and what a plan names: nothing is installed or removed under a person’s ears."""

import msgspec

from mqtt_bridge.contract.care import CarePlan, PackageReference
from tests.support import lying_shelf as lies
from tests.support.spooling import SpoolBench, archive
from tests.support.words_of_care import plan


def naming(name: str, fingerprint: str) -> CarePlan:
    one = plan()
    request = msgspec.structs.replace(one.activity[0], package=PackageReference(id=name, fingerprint=fingerprint))
    return msgspec.structs.replace(one, activity=(request,))


def test_a_session_pauses_the_fetch_and_its_end_lets_it_go_on(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.02)]
    digest = bench.offer("riviere", size=2_000_000)
    bench.until(lambda: bench.part_bytes(digest) > 100_000)
    bench.draft("asking")
    bench.until(lambda: not bench.spooler.watched)
    kept = bench.part_bytes(digest)
    assert 100_000 < kept < 2_000_000
    told = bench.status("riviere")
    assert (told.stage, told.paused, told.received_bytes) == ("offered", True, kept)
    for step in ("explaining", "ready", "playing"):
        bench.draft(step)
        bench.turn()
        assert not bench.spooler.watched
    assert bench.part_bytes(digest) == kept
    bench.draft(None)
    bench.until_stage("riviere", "installed")
    assert bench.shelf.asked[-1][1] == f"bytes={kept}-"


def test_nothing_is_installed_nor_removed_during_care_but_in_the_night_after_it(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until(lambda: bool(list((bench.folder / "spool").glob("*.chevet"))))
    bench.spooler.stop()
    bench.draft("playing")
    for _ in range(3):
        bench.turn()
    assert bench.row("riviere").stage == "offered"
    bench.draft("resting")
    bench.until_stage("riviere", "installed")
    bench.draft("asking")
    bench.withdraw("riviere")
    for _ in range(3):
        bench.turn()
    assert bench.manifest("riviere")
    bench.draft(None)
    bench.until_stage("riviere", "removed")
    assert not bench.manifest("riviere")


def test_a_kiosk_database_that_cannot_be_read_counts_as_care(bench: SpoolBench) -> None:
    (bench.folder / "bedside.db").write_bytes(b"not a database" * 100)
    bench.offer("riviere")
    for _ in range(3):
        bench.turn()
        assert not bench.spooler.watched
    assert bench.status("riviere").paused


def test_a_spoilt_part_is_told_and_brought_again_though_a_plan_names_the_package(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(naming("riviere", archive("riviere")[1]))
    (bench.folder / "packages" / "riviere" / "spoilt").touch()
    asked = len(bench.shelf.asked)
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert len(bench.shelf.asked) == asked + 1
    assert bench.installer_was_asked() == ["install", "check", "install"]


def test_what_is_there_is_checked_outside_care(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.draft("playing")
    bench.offer("riviere")
    for _ in range(3):
        bench.turn()
        assert not bench.spooler.watched
    bench.draft(None)
    bench.until_stage("riviere", "installed")


def test_a_plan_that_a_wrong_clock_believed_ended_is_in_force_again(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    package = PackageReference(id="riviere", fingerprint=archive("riviere")[1])
    bench.prescribe(naming("riviere", package.fingerprint))
    now = bench.clock()
    late = msgspec.structs.replace(now, wall_ms=now.wall_ms * 3)
    assert not bench.spooler._named_by_plan(package, late)
    assert bench.spooler._named_by_plan(package, now)


def test_a_package_in_use_is_installed_later(bench: SpoolBench) -> None:
    bench.installer_says((75, "package-in-use"), (75, "package-in-use"))
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.installer_was_asked() == ["install"] * 3
    assert len(bench.shelf.asked) == 1


def test_a_package_that_a_plan_names_is_never_removed(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(naming("riviere", archive("riviere")[1]))
    bench.withdraw("riviere")
    bench.until(lambda: bench.told()[-1] == ("failed", "plan-names-it"))
    for _ in range(5):
        bench.turn()
    assert bench.manifest("riviere")
    bench.prescribe(naming("estuaire", "a" * 64))
    bench.until_stage("riviere", "removed")
    assert not bench.manifest("riviere")


def test_a_version_that_a_plan_names_is_replaced_only_once_the_plan_names_the_newer(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(naming("riviere", archive("riviere")[1]))
    bench.offer("riviere", "1.1")
    bench.until(lambda: bench.told()[-1] == ("failed", "plan-names-former"))
    assert "1.0" in bench.manifest("riviere")
    bench.prescribe(naming("riviere", archive("riviere", "1.1")[1]))
    bench.until_stage("riviere", "installed")
    assert "1.1" in bench.manifest("riviere")


def test_a_plan_that_cannot_be_read_may_name_anything(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(None)
    bench.store._database.execute("UPDATE orders SET letter = x'00' WHERE kind = 'plan'")
    bench.withdraw("riviere")
    bench.until(lambda: bench.told()[-1] == ("failed", "plan-names-it"))
    assert bench.manifest("riviere")


def test_a_package_that_is_gone_from_the_disk_is_fetched_again(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.stop()
    (bench.folder / "packages" / "riviere" / "manifest.toml").unlink()
    bench.start()
    bench.until_stage("riviere", "installed")
    assert bench.manifest("riviere")
