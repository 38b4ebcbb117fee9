"""What a self-test asks of the card: it opens and takes its level, and care never notices."""

import select
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.client import PlayerClient
from audio.player.protocol import Answer, Examine, Examined, Prepare, Start
from tests.audio.bedside import SESSION, Bedside
from tests.support.paced.build import JACK_NAME
from tests.support.paced.player import start_player

WAIT_S_MAX = 60.0


@pytest.fixture
def bedside(tmp_path: Path) -> Iterator[Bedside]:
    bedside = Bedside(tmp_path)
    yield bedside
    bedside.core.close()


def examined(bedside: Bedside) -> Examined:
    answer = bedside.core.handle(Examine())
    assert isinstance(answer, Examined), answer
    return answer


def test_the_card_is_opened_set_and_given_back(bedside: Bedside) -> None:
    seen = examined(bedside)
    assert (seen.card, seen.level) == (True, True)
    assert "48000 Hz" in seen.card_told
    assert "PCM of hw:CARD=own at 90 %" in seen.level_told
    assert (bedside.own_opened, bedside.own_sink.closed, bytes(bedside.own_sink.written)) == (1, True, b"")


def test_a_card_that_is_not_there_is_told_with_the_remedy(bedside: Bedside) -> None:
    bedside.own_missing = True
    seen = examined(bedside)
    assert not seen.card
    assert "Plug it in." in seen.card_told


def test_a_session_is_not_disturbed(bedside: Bedside) -> None:
    bedside.ask(Prepare(session=SESSION, package=str(bedside.package.path)))
    assert bedside.refused(Examine()) == "busy"
    bedside.preparation.end = bedside.opened
    bedside.core.tick()
    assert "in use" in examined(bedside).card_told
    bedside.ask(Start(SESSION))
    assert examined(bedside).card
    assert (bedside.own_opened, bedside.core.status().phase) == (0, "playing")


def answer_of(client: PlayerClient) -> Answer:
    until_s = time.monotonic() + WAIT_S_MAX
    while (left_s := until_s - time.monotonic()) > 0:
        select.select([client], [], [], left_s)
        for answer in client.receive():
            return answer
    raise TimeoutError("the player does not answer")


def test_a_real_player_looks_at_its_card(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", headphones_control=JACK_NAME, level_percent=75) as player:
        client = PlayerClient(player.socket)
        client.connect()
        try:
            client.send(Examine())
            seen = answer_of(client)
            assert isinstance(seen, Examined)
            assert (seen.card, seen.level) == (True, True), seen
            assert player.device.level() == 48
            client.send(Examine())
            assert answer_of(client) == seen, "it was given back, and opens again"
        finally:
            client.close()


def test_a_real_player_without_its_card_says_so(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", device="plughw:CARD=Nowhere", level_percent=75) as player:
        client = PlayerClient(player.socket)
        client.connect()
        try:
            client.send(Examine())
            seen = answer_of(client)
        finally:
            client.close()
    assert isinstance(seen, Examined)
    assert (seen.card, seen.level) == (False, False)
    assert "Nowhere" in seen.level_told
