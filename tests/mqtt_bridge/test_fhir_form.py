"""Questionnaires from elsewhere: what is harmless is left out, what changes the meaning refused with its place."""

import json
from typing import Any

import pytest

from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, decode, encode
from mqtt_bridge.contract.fhir_form import read_form
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.questions import ORDINAL_VALUE, Scale, YesNo, screens
from tests.support.words_of_care import form

ALWAYS = {"system": "http://loinc.org", "code": "LA6482-9"}


def a_real_one() -> dict[str, Any]:
    """As form builders write them: half of it is for libraries and other screens."""
    return {
        "resourceType": "Questionnaire",
        "id": "essai",
        "meta": {"versionId": "3", "profile": ["http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"]},
        "text": {"status": "generated", "div": "<div onclick='x'>…</div>"},
        "url": "https://example.org/Questionnaire/essai",
        "version": "1.0",
        "name": "Essai",
        "_title": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation"}]},
        "status": "active",
        "experimental": False,
        "subjectType": ["Patient"],
        "publisher": "CHU",
        "date": "2026-01-01",
        "item": [
            {
                "linkId": "1",
                "prefix": "1.",
                "code": [{"system": "http://loinc.org", "code": "1"}],
                "definition": "https://example.org/x",
                "type": "choice",
                "text": "Avez-vous mal ?",
                "required": True,
                "repeats": False,
                "readOnly": False,
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-choiceOrientation",
                        "valueCode": "horizontal",
                    }
                ],
                "answerOption": [_scored("LA6270-8", "Jamais", 0), _scored("LA6482-9", "Toujours", 4)],
            },
            {
                "linkId": "2",
                "type": "boolean",
                "text": "Le matin ?",
                "enableWhen": [{"question": "1", "operator": "=", "answerCoding": ALWAYS}],
            },
        ],
    }  # fmt: skip


def _scored(code: str, display: str, value: int) -> dict[str, Any]:
    ordinal = {"url": ORDINAL_VALUE, "valueDecimal": value}
    coding = {"system": "http://loinc.org", "version": "2.77", "code": code, "display": display, "extension": [ordinal]}
    return {"valueCoding": coding, "initialSelected": False}


def raw(change: dict[str, Any] | None = None, item: dict[str, Any] | None = None) -> bytes:
    found = a_real_one() | (change or {})
    found["item"][0] |= item or {}
    return json.dumps(found).encode()


def test_a_real_questionnaire_is_taken_in() -> None:
    found = read_form(raw())
    assert (found.title, found.language) == ("Essai", "fr")
    pain, morning = screens(found)
    assert isinstance(pain.question, Scale)
    assert [one.value for one in pain.question.options] == [0, 4]
    assert isinstance(morning.question, YesNo)
    assert decode(encode(found), Questionnaire) == found  # what travels is the contract's own


def test_our_own_forms_come_back_as_they_were() -> None:
    assert read_form(encode(form())) == form()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"type": "quantity"}, r"item '1'.*'quantity', only integer, boolean, choice"),
        ({"type": "attachment"}, "'attachment'"),
        ({"type": "url"}, "'url'"),
        ({"type": "open-choice"}, "'open-choice'"),
        ({"type": ["choice"]}, "the box cannot ask"),
        ({"repeats": True}, "repeats is True"),
        ({"readOnly": True}, "readOnly is True"),
        ({"initial": [{"valueInteger": 0}]}, "initial cannot be taken in"),
        ({"answerValueSet": "http://x"}, "answerValueSet cannot"),
        ({"modifierExtension": []}, "modifierExtension cannot"),
        ({"extension": [{"url": "http://x/calculatedExpression"}]}, "calculatedExpression.* may change"),
        ({"extension": ["x"]}, "may change"),
        ({"text": "x" * 5000}, "5000 characters; the box shows 1 to 90"),
        ({"text": None}, "no text"),
        ({"enableWhen": [{"question": "2", "operator": "~", "answerInteger": 1}]}, "operator '~'"),
        ({"enableWhen": [{"question": "2", "operator": "=", "answerDate": "2026"}]}, "answerDate"),
        ({"enableWhen": "x"}, "is a list"),
        ({"answerOption": [{"valueInteger": 1}]}, "a valueCoding with a display"),
        ({"answerOption": [_scored("a", "A", 0) | {"initialSelected": True}]}, "before the person has chosen"),
        ({"answerOption": [{"valueCoding": {"code": "a", "display": "A"}}] * 2}, "`system`"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_may_change_the_meaning_is_refused_with_its_place(item: dict[str, Any], reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        read_form(raw(item=item))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resourceType": "Patient"}, "'Patient'"),
        ({"implicitRules": "http://x"}, "implicitRules"),
        ({"contained": []}, "contained"),
        ({"modifierExtension": []}, "modifierExtension"),
        ({"extension": [{"url": "http://x/variable"}]}, "variable"),
        ({"version": None}, "no version"),
        ({"url": 5}, "no url"),
        ({"status": "unknown"}, "status"),
        ({"item": {}}, "item is a list"),
        ({"item": [5]}, "expected an object"),
    ],
)
def test_a_form_that_cannot_be_taken_in_says_why(change: dict[str, Any], reason: str) -> None:
    found = a_real_one() | change
    with pytest.raises(ContractError, match=reason):
        read_form(json.dumps(found).encode())


@pytest.mark.parametrize("noise", [b"", b"[]", b"\xff", b"[" * 5000, b"{}", b" " * (BYTES_MAX + 1), b'{"a":' * 5000])
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(ContractError):
        read_form(noise)


def test_nesting_without_end_is_refused() -> None:
    one: dict[str, Any] = {"linkId": "x", "type": "boolean", "text": "x"}
    for depth in range(300):
        one = {"linkId": f"g{depth}", "type": "group", "item": [one]}
    with pytest.raises(ContractError):
        read_form(json.dumps(a_real_one() | {"item": [one]}).encode())
