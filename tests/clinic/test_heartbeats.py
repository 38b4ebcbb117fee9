"""What a box says of itself (B7): kept, shown in words, and not believed twice."""

import pytest
from django.test import Client
from msgspec import structs

from clinic.clock import now_ms
from clinic.fleet import heartbeats
from clinic.fleet.models import Device, Heartbeat, Hello
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.stamp import Stamp
from tests.clinic.box import T0_MS, evaluation, stamp
from tests.clinic.conftest import Clinic
from tests.clinic.test_console import read

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

MINUTE_MS, DAY_MS = 60_000, 86_400_000


def well(at: Stamp | None = None, **changes: object) -> wire.Equipment:
    tested = wire.Tested(made=stamp(), fine=("sound", "button", "disk"))
    told = wire.Equipment(
        at=at or stamp(), every_s=900, system="Debian", free_mb=12_300, temperature_c=48.5, kiosk=True, player=True,
        tested=tested, certificate_ms=now_ms() + 300 * DAY_MS,
    )  # fmt: skip
    return structs.replace(told, **changes)


def says(clinic: Clinic, told: wire.Equipment, at_ms: int = T0_MS, *, retained: bool = False) -> None:
    state = wire.BoxState(alive=True, boot=told.at.boot, version="0.1.0", equipment=told)
    topic = wire.topic("maison", clinic.box.name, "state")
    clinic.end.receive(topic, clinic.box.sign("state", encode(state)), at_ms, retained=retained)


def later(minutes: int, boot: str = "boot-1") -> Stamp:
    return stamp(T0_MS + minutes * MINUTE_MS, boot=boot, monotonic_ms=60_000 + minutes * MINUTE_MS)


def seen_ms(clinic: Clinic) -> int | None:
    clinic.device.refresh_from_db()
    return clinic.device.last_seen_ms


def test_the_last_word_of_a_box_is_kept_and_a_short_history(clinic: Clinic) -> None:
    for n in range(heartbeats.KEPT_MAX + 10):
        says(clinic, well(later(n), pending=n), T0_MS + n)
    kept = heartbeats.last_of_each([clinic.device])[clinic.device.id]
    assert (kept.pending, kept.every_s, kept.free_mb, kept.kiosk) == (heartbeats.KEPT_MAX + 9, 900, 12_300, True)
    assert Heartbeat.objects.count() == heartbeats.KEPT_MAX


def test_what_a_broker_repeats_is_no_contact(clinic: Clinic) -> None:
    says(clinic, well(later(0)), T0_MS)
    says(clinic, well(later(15)), T0_MS + 1)
    assert seen_ms(clinic) == T0_MS + 1
    for again in (well(later(0)), well(later(15)), well(later(7))):
        says(clinic, again, T0_MS + DAY_MS)
    assert seen_ms(clinic) == T0_MS + 1
    says(clinic, well(later(0, "boot-2")), T0_MS + 2)
    says(clinic, well(later(30)), T0_MS + DAY_MS)  # of the boot before: it was signed, and it is over
    assert seen_ms(clinic) == T0_MS + 2


def test_of_a_boot_that_has_said_hello_long_ago_nothing_is_news(clinic: Clinic) -> None:
    """Its heartbeats are forgotten after a day; what its clock meant is not."""
    exchange = wire.Exchange(boot="boot-0", sent_monotonic_ms=1, received_monotonic_ms=2, server_ms=T0_MS)
    clinic.receive(clinic.box.hello(former=exchange, sent=stamp(boot="boot-1")))
    says(clinic, well(later(0, "boot-0")), T0_MS + DAY_MS)
    assert seen_ms(clinic) == T0_MS
    says(clinic, well(later(1)), T0_MS + DAY_MS)
    assert seen_ms(clinic) == T0_MS + DAY_MS


def test_what_was_heard_once_is_no_sign_of_life_again(clinic: Clinic) -> None:
    """A box is dead, and its broker repeats what it once signed: a hello, a report, a word of a short former boot."""
    short = clinic.box.hello(sent=stamp(boot="boot-0", monotonic_ms=1_000))
    clinic.receive(short, at_ms=T0_MS)
    hello = clinic.box.hello(sent=later(0))
    clinic.receive(hello, at_ms=T0_MS + 1)
    report = clinic.box.report(evaluation("before", (1, 2, 3, 4, 5)))
    clinic.receive(report, at_ms=T0_MS + 2)
    says(clinic, well(later(1)), T0_MS + 3)
    for repeated in (short, hello, report):
        clinic.receive(repeated, at_ms=T0_MS + DAY_MS)
    device = Device.objects.get(id="box-12")
    assert device.last_seen_ms is not None
    assert device.last_seen_ms < T0_MS + 10_000
    assert Hello.objects.get(device=device).boot == "boot-1"
    says(clinic, well(later(30)), T0_MS + DAY_MS + 1)
    assert Device.objects.get(id="box-12").last_seen_ms == T0_MS + DAY_MS + 1, "and the one that lives is heard"


def test_two_machines_under_one_name_are_told(clinic: Clinic, console: Client) -> None:
    """A card was copied, and both are switched on: each thinks that it is the box."""
    clinic.receive(clinic.box.hello(sent=later(0)), at_ms=T0_MS)
    clinic.receive(clinic.box.hello(sent=later(0, "boot-2")), at_ms=T0_MS + 1)
    clinic.receive(clinic.box.hello(sent=stamp(boot="boot-1", monotonic_ms=90_000)), at_ms=T0_MS + 2)
    assert Device.objects.get(id="box-12").twin_ms is None, "half a minute later: it was under way at the restart"
    assert "Deux machines" not in console.get("/boites/box-12").content.decode()
    clinic.receive(clinic.box.hello(sent=later(5)), at_ms=T0_MS + 3)
    assert Device.objects.get(id="box-12").twin_ms == T0_MS + 3
    assert "Deux machines ont parlé" in console.get("/boites/box-12").content.decode()


def test_a_retained_one_says_how_the_box_was_and_not_that_it_is_there(clinic: Clinic) -> None:
    says(clinic, well(), T0_MS, retained=True)
    assert seen_ms(clinic) is None
    assert Heartbeat.objects.count() == 1


@pytest.mark.parametrize("bad", [well(stamp(boot="boot-9")), well(stamp(boot="x" * 65)), well(machine_off_ms=2**60)])
def test_what_cannot_be_is_set_aside(clinic: Clinic, bad: wire.Equipment) -> None:
    state = wire.BoxState(alive=True, boot="boot-1", version="1", equipment=bad)
    clinic.end.receive(wire.topic("maison", clinic.box.name, "state"), clinic.box.sign("state", encode(state)), T0_MS)
    assert Heartbeat.objects.count() == 0
    assert seen_ms(clinic) is None


def test_the_raw_time_of_a_box_that_was_told_the_time_is_kept(clinic: Clinic) -> None:
    at = structs.replace(later(0), machine_ms=5)
    says(clinic, well(at, machine_off_ms=5 - at.wall_ms))
    kept = Heartbeat.objects.get()
    assert (kept.wall_ms, kept.trusted) == (5, False)


def test_a_box_that_is_well_says_so_in_words(clinic: Clinic, console: Client) -> None:
    says(clinic, well(), now_ms())
    words = read(console, "/boites").text
    for said in ("en marche", "sûre de l’heure", "12,3 Go libres", "48,5 °C", "son : bon", "bouton : bon"):
        assert said.replace(" ", " ") in words.replace(" ", " "), words
    assert "à voir" not in words


def test_the_kind_of_the_boxs_key_is_told_in_words(clinic: Clinic, console: Client) -> None:
    says(clinic, well(tested=wire.Tested(made=stamp(), fine=("key-tpm2",))), now_ms())
    assert "clé de la mémoire (puce TPM) : bon" in read(console, "/boites").text.replace("\u00a0", " ")
    says(clinic, well(later(15), tested=wire.Tested(made=stamp(), failed=("key-stand-in",))), now_ms())
    assert "clé de la mémoire, connue de tous : à voir" in read(console, "/boites").text.replace("\u00a0", " ")


def test_what_the_machine_answered_is_told_in_words_and_a_newer_boxs_check_by_its_name(
    clinic: Clinic, console: Client
) -> None:
    failed = ("sound-card", "level", "frames", "button-line", "network", "of-next-year")
    says(clinic, well(tested=wire.Tested(made=stamp(), failed=failed)), now_ms())
    words = read(console, "/boites").text.replace("\u00a0", " ")
    assert "of-next-year : à voir" in words
    said = (
        "carte son",
        "niveau de la carte son",
        "image donnée à l’écran",
        "fils du bouton et de sa lumière",
        "réseau",
    )
    assert [one for one in said if f"{one} : à voir" not in words] == []


def test_a_technicians_file_that_is_refused_is_told_in_words(clinic: Clinic, console: Client) -> None:
    says(clinic, well(tested=wire.Tested(made=stamp(), failed=("box-file",))), now_ms())
    words = read(console, "/boites").text.replace("\u00a0", " ")
    assert "fichier du technicien (chevet-box.toml) : à voir" in words


def test_what_is_wrong_is_told_in_words(clinic: Clinic, console: Client) -> None:
    tested = wire.Tested(made=stamp(), fine=("sound",), failed=("button",))
    wrong = well(
        structs.replace(stamp(), trusted=False), free_mb=12, temperature_c=84.0, kiosk=False, player=False,
        tested=tested, certificate_ms=now_ms() + DAY_MS,
    )  # fmt: skip
    says(clinic, wrong, now_ms())
    words = read(console, "/boites").text
    for said in ("pas sûre de l’heure", "l’écran ne tourne pas", "le lecteur de son ne répond pas", "bouton : à voir"):
        assert said.replace(" ", " ") in words.replace(" ", " "), words
    assert str(console.get("/boites").content.decode()).count("pill warn") == 7
