"""CarePlan versions and their drafts, the library (PlanDefinition, Questionnaire, lessons), and the orders to a box."""

from clinic.plans.models.canonical import CanonicalResource
from clinic.plans.models.care_plan import CarePlan
from clinic.plans.models.draft import ContraindicationOverride, Draft, DraftRevision
from clinic.plans.models.order import Order

__all__ = ["CanonicalResource", "CarePlan", "ContraindicationOverride", "Draft", "DraftRevision", "Order"]
