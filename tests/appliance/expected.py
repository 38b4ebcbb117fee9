"""What the box has confirmed to the person, beside what the clinic holds."""

from collections.abc import Iterable

from mqtt_bridge.contract.report import Content, Evaluation, Listening
from tests.appliance.counted import Clinic


def missing(told: Iterable[Content], clinic: Clinic) -> list[str]:
    """Each report of a care that the clinic has not, or has otherwise. The session's name is the box's own choice."""
    found = []
    for report in told:
        if isinstance(report, Evaluation) and not _is_there(report, clinic):
            found.append(f"the evaluation {report.moment}: {answers(report)}")
        if isinstance(report, Listening) and report.outcome not in clinic.listenings.values():
            found.append(f"the care, {report.outcome}")
    return found


def answers(report: Evaluation) -> dict[str, int | str]:
    """By item: a height, or words."""
    given = {item.link_id: item.answer[0] for item in report.response.item if item.answer}
    found = {name: one.value_string if one.value_integer is None else one.value_integer for name, one in given.items()}
    return {name: value for name, value in found.items() if value is not None}


def _is_there(report: Evaluation, clinic: Clinic) -> bool:
    wanted = {"status": report.response.status, **answers(report)}
    return any(moment == report.moment and has == wanted for (_, moment), has in clinic.evaluations.items())
