"""A plan that is being written: the plan file's own structure, where cares may still be missing."""

from typing import Annotated

from msgspec import Meta, convert

from clinic.plans.plan_draft import ActivityDraft, PlanDraft
from mqtt_bridge.contract.forms import Questionnaire


class UnfinishedPlan(PlanDraft, frozen=True):
    """As PlanDraft, and may have no care yet."""

    activity: Annotated[tuple[ActivityDraft, ...], Meta(max_length=40)] = ()

    def care(self, care_id: str) -> ActivityDraft | None:
        return next((one for one in self.activity if one.id == care_id), None)


def finished(draft: UnfinishedPlan) -> PlanDraft:
    """As a plan's file would hold it, with those of its forms that it asks. Raises ValidationError: it has no care."""
    asked = {one.questionnaire for one in draft.activity} | {one.questionnaire for one in draft.forms}
    asked |= {one.questionnaire for one in draft.follow_ups}
    asked |= {one.read_back for one in draft.education}
    forms = tuple(one for one in draft.questionnaires if isinstance(one, Questionnaire) and one.canonical in asked)
    told = {name: getattr(draft, name) for name in draft.__struct_fields__} | {"questionnaires": forms}
    return convert(told, PlanDraft, from_attributes=True)
