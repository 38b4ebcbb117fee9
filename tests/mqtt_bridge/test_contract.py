"""The words of the contract: strict, round trips, old files still read, hostile ones refused with a reason."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from mqtt_bridge.contract.care import CarePlan, check_plan
from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, decode, encode
from mqtt_bridge.contract.forms import Cone, ConeWord, Questionnaire, cone_item, cone_of
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.wire import Ack, Range, parse_topic, topic
from tests.support.words_of_care import form, plan, request


def test_a_plan_comes_back_as_it_was() -> None:
    assert decode(encode(plan()), CarePlan) == plan()


def test_fhir_words_are_fhirs() -> None:
    item = json.loads(encode(form()))["item"][0]
    assert item["linkId"] == "angoisse"
    urls = {extension["url"] for extension in item["extension"]}
    assert "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl" in urls
    assert json.loads(encode(form()))["resourceType"] == "Questionnaire"


@pytest.mark.parametrize("field", ["modifierExtension", "surprise"])
def test_an_unknown_field_is_refused(field: str) -> None:
    raw = json.loads(encode(form()))
    raw["item"][0][field] = []
    with pytest.raises(ContractError, match=field):
        decode(json.dumps(raw).encode(), Questionnaire)


def test_a_message_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ContractError, match="at most"):
        decode(b" " * (BYTES_MAX + 1), Report)


@given(st.binary(max_size=200))
@settings(max_examples=200, derandomize=True)
def test_noise_is_refused_with_a_reason(noise: bytes) -> None:
    with pytest.raises(ContractError, match="readable"):
        decode(noise, Report)


def test_a_cone_is_a_fhir_slider_and_back() -> None:
    cone = Cone(
        link_id="x", question="?", help="h", ramp="pleasant", words=(ConeWord(first=0, last=10, text="a\u00a0b"),)
    )
    assert cone_of(cone_item(cone)) == cone


@pytest.mark.parametrize("words", [(), ((0, 9),), ((0, 5), (5, 10)), ((1, 10),)])
def test_each_height_of_a_cone_has_one_word(words: tuple[tuple[int, int], ...]) -> None:
    named = tuple(ConeWord(first=a, last=b, text="x") for a, b in words)
    with pytest.raises(ContractError, match="one word"):
        cone_of(cone_item(Cone(link_id="x", question="?", help="h", ramp="intense", words=named)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"questionnaires": ()}, "asks"),
        ({"period": Period(start_ms=2, end_ms=1)}, "ends before"),
        ({"activity": (request(), request())}, "one id"),
        ({"activity": (structs.replace(request(), gain_db=0.0, gain_max_db=-6.0),)}, "gain"),
        ({"activity": (structs.replace(request(), explanation=()),)}, "explanation"),
    ],
)
def test_a_plan_that_the_box_could_not_follow_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        check_plan(structs.replace(plan(), **change))


@pytest.mark.parametrize("words", ["", "a\nb", "a\x00b", "a\n", "x" * 91])
def test_words_that_cannot_be_drawn_are_refused(words: str) -> None:
    raw = json.loads(encode(plan()))
    raw["activity"][0]["title"] = words
    with pytest.raises(ContractError, match="title"):
        decode(json.dumps(raw).encode(), CarePlan)


def test_an_acknowledgement_covers_what_it_names() -> None:
    ack = Ack(
        ledger="l", serial=1, stream="kiosk", epoch="0" * 16, through=3, server_ms=0,
        ranges=(Range(first=5, last=6),), held=(Range(first=2, last=2),),
    )  # fmt: skip
    assert [seq for seq in range(1, 9) if ack.has(seq)] == [1, 2, 3, 5, 6]
    assert [seq for seq in range(1, 9) if ack.holds(seq)] == [2]


@pytest.mark.parametrize("name", ["", "chevet/v1/a/b", "chevet/v2/a/b/up", "/chevet/v1/a/b/up", "chevet/v1/a/b/down/x"])
def test_other_topics_are_not_ours(name: str) -> None:
    with pytest.raises(ContractError):
        parse_topic(name)
    assert parse_topic(topic("a", "b", "up")) == ("a", "b", "up")
