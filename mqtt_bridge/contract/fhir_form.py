"""A Questionnaire as it comes from elsewhere (FHIR R4 JSON): the harmless is left out, the rest taken or refused.

| found | what becomes of it |
|---|---|
| url, version, status, title, language, item and their parts, as the contract has them | taken |
| who wrote it, when, for whom, the narrative: `META`, `LABELS`, `_`-fields, `LOOKS` | left out |
| `repeats`, `readOnly`, `initialSelected` that are false | left out |
| no title, but a name; no language | the name; the language that the caller gives |
| an ordinalValue on the coding | moved to its option, where R4 has it too |
| `modifierExtension`, `implicitRules`, `contained` | refused: they may change what the rest means |
| `initial`, `answerValueSet`, `repeats` or `readOnly` true, another type of item or extension, all else | refused |

The clinic keeps the bytes as they came. Nothing of this is done on the box, which reads the contract's words only.
Source: HL7 FHIR R4 Questionnaire, SDC 3.0 (extensions).
"""

from typing import Any, get_args

import msgspec

from mqtt_bridge.contract.codec import BYTES_MAX, ContractError
from mqtt_bridge.contract.form_rules import check_form
from mqtt_bridge.contract.forms import CONE, ITEM_CONTROL, MAX_VALUE, MIN_VALUE, ItemType, Operator, Questionnaire
from mqtt_bridge.contract.questions import FACES, ORDINAL_VALUE, RAMP

Json = dict[str, Any]
FORM = {"resourceType", "url", "version", "status", "title", "language", "item"}
META = {
    "id", "meta", "text", "identifier", "name", "subjectType", "publisher", "contact", "description", "purpose",
    "copyright", "date", "approvalDate", "lastReviewDate", "effectivePeriod", "useContext", "jurisdiction", "code",
    "derivedFrom", "experimental", "extension",
}  # fmt: skip
ITEM = {
    "linkId", "type", "text", "required", "extension", "enableWhen", "enableBehavior", "answerOption", "maxLength",
    "item",
}  # fmt: skip
LABELS = {"id", "definition", "code", "prefix"}
FALSE_ONLY = {"repeats", "readOnly"}
_FHIR = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
UNDERSTOOD = {ITEM_CONTROL, MIN_VALUE, MAX_VALUE, CONE, FACES, ORDINAL_VALUE, RAMP}
LOOKS = {
    *(_FHIR + name for name in (
        "rendering-style", "rendering-xhtml", "rendering-markdown", "translation", "designNote", "entryFormat",
        "questionnaire-choiceOrientation", "questionnaire-displayCategory", "questionnaire-supportLink",
        "questionnaire-sliderStepValue", "questionnaire-usageMode",
    )),
    *(_SDC + name for name in (
        "sdc-questionnaire-shortText", "sdc-questionnaire-width", "sdc-questionnaire-preferredTerminologyServer",
        "sdc-questionnaire-openLabel",
    )),
}  # fmt: skip
"""Extensions that say how a form looks elsewhere: here every question has a screen of its own."""
TEXT_MAX = 90


def read_form(raw: bytes, language: str = "fr") -> Questionnaire:
    """The form in `raw`, checked. Raises ContractError: which item, what it has, what is allowed."""
    form = _parsed(raw)
    if form.get("resourceType") != "Questionnaire":
        raise ContractError(f"resourceType {form.get('resourceType')!r}: a Questionnaire of FHIR R4 is read here")
    _only("the form", form, FORM | META)
    _extensions("the form", form)
    found: Json = {name: form[name] for name in FORM & form.keys()}
    found.setdefault("language", language)
    found.setdefault("title", form.get("name"))
    for name in ("url", "version", "title"):
        if not isinstance(found.get(name), str) or not found[name]:
            raise ContractError(f"the form has no {name}: each answer names the form and its version")
    found["item"] = [_item(one, "the form") for one in _list(form, "item", "the form")]
    read = _converted(found)
    check_form(read)
    return read


def _parsed(raw: bytes) -> Json:
    if len(raw) > BYTES_MAX:
        raise ContractError(f"a form of {len(raw)} bytes: at most {BYTES_MAX} are read")
    try:
        return msgspec.json.decode(raw, type=Json)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(f"not a readable Questionnaire: {error}") from error


def _converted(found: Json) -> Questionnaire:
    try:
        return msgspec.convert(found, Questionnaire)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ContractError(f"not a Questionnaire that the box can ask: {error}") from error


def _item(item: Any, within: str) -> Json:
    if not isinstance(item, dict):
        raise ContractError(f"an item in {within} is {type(item).__name__}: expected an object")
    where = f"item {item.get('linkId')!r}"
    _check_type(where, item)
    _only(where, item, ITEM | LABELS | FALSE_ONLY)
    for name in sorted(FALSE_ONLY & item.keys()):
        if item[name] is not False:
            raise ContractError(f"{where}: {name} is {item[name]!r}; the box takes one answer to each question")
    found: Json = {name: item[name] for name in ITEM & item.keys()}
    found.setdefault("text", item["linkId"] if item["type"] == "group" else None)
    _check_text(where, found["text"])
    found["extension"] = _extensions(where, item)
    found["enableWhen"] = [_when(where, one) for one in _list(item, "enableWhen", where)]
    found["answerOption"] = [_option(where, one) for one in _list(item, "answerOption", where)]
    found["item"] = [_item(one, where) for one in _list(item, "item", where)]
    return found


def _check_type(where: str, item: Json) -> None:
    kinds = get_args(ItemType)
    if item.get("type") not in kinds:
        raise ContractError(f"{where}: the box cannot ask the type {item.get('type')!r}, only {', '.join(kinds)}")


def _check_text(where: str, text: Any) -> None:
    if not isinstance(text, str) or not 1 <= len(text) <= TEXT_MAX:
        size = f"{len(text)} characters" if isinstance(text, str) else "no text"
        raise ContractError(f"{where}: {size}; the box shows 1 to {TEXT_MAX} large, put the rest into a display before")


def _extensions(where: str, holder: Json) -> list[Json]:
    found = _list(holder, "extension", where)
    for one in found:
        url = one.get("url") if isinstance(one, dict) else None
        if not isinstance(url, str) or url not in UNDERSTOOD | LOOKS:
            raise ContractError(f"{where}: the extension {one!r:.200} may change what is asked; the box ignores none")
    return [_bare(one) for one in found if one.get("url") in UNDERSTOOD]


def _bare(extension: Json) -> Json:
    """Without what FHIR lets everything carry, its codings in the contract's three parts."""
    found = {name: part for name, part in extension.items() if name != "id" and not name.startswith("_")}
    concept = found.get("valueCodeableConcept")
    if isinstance(concept, dict) and isinstance(concept.get("coding"), list):
        found["valueCodeableConcept"] = {**concept, "coding": [_coding(one) for one in concept["coding"]]}
    return found


def _when(where: str, condition: Any) -> Json:
    if not isinstance(condition, dict):
        raise ContractError(f"{where}: an enableWhen is an object")
    kinds = get_args(Operator)
    if condition.get("operator") not in kinds:
        raise ContractError(f"{where}: the operator {condition.get('operator')!r} of enableWhen is none of {kinds}")
    answers = {"answerBoolean", "answerInteger", "answerString", "answerCoding"}
    _only(f"{where}, enableWhen", condition, {"id", "question", "operator", *answers})
    found = {name: part for name, part in condition.items() if name != "id" and not name.startswith("_")}
    return {**found, "answerCoding": _coding(found["answerCoding"])} if "answerCoding" in found else found


def _option(where: str, option: Any) -> Json:
    if not isinstance(option, dict) or not isinstance(option.get("valueCoding"), dict):
        raise ContractError(f"{where}: each answerOption is a valueCoding with a display")
    _only(f"{where}, answerOption", option, {"id", "valueCoding", "extension", "initialSelected"})
    if option.get("initialSelected") not in (None, False):
        raise ContractError(f"{where}: no answer is selected before the person has chosen (initialSelected)")
    coding = option["valueCoding"]
    extensions = _extensions(where, option) + _extensions(where, coding)
    return {"valueCoding": _coding(coding), "extension": extensions}


def _coding(coding: Any) -> Any:
    """FHIR lets a coding go without its system; here a code without one would not say whose it is."""
    if not isinstance(coding, dict):
        return coding
    left_out = {"id", "version", "userSelected", "extension"}
    return {name: part for name, part in coding.items() if name not in left_out and not name.startswith("_")}


def _list(holder: Json, name: str, where: str) -> list[Any]:
    found = holder.get(name, [])
    if not isinstance(found, list):
        raise ContractError(f"{where}: {name} is a list")
    return found


def _only(where: str, holder: Json, known: set[str]) -> None:
    strange = sorted(name for name in holder.keys() - known if not name.startswith("_"))
    if strange:
        raise ContractError(f"{where}: {', '.join(strange)} cannot be taken in; allowed are {', '.join(sorted(known))}")
