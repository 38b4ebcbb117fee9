"""The parts of a draft as a page has them: a form or rows, read from what was typed."""

from collections.abc import Callable
from typing import Any

from clinic.console.plans.checking import items_asked
from clinic.console.plans.frame_form import FrameForm, frame_of
from clinic.console.plans.lessons_form import LessonsForm
from clinic.console.plans.row_forms import ROWS, Offered
from clinic.plans.beginning import carried
from clinic.plans.library import forms_listed
from clinic.plans.unfinished import UnfinishedPlan


def is_number(text: str) -> bool:
    """Whether a key of the database can be read from it."""
    return text.isascii() and text.isdecimal() and len(text) < 19


class Editor:
    """One part as a page has it: a form or rows, read from what was typed."""

    rows: Any = None
    form: Any = None

    def __init__(self, plan: UnfinishedPlan) -> None:
        self.plan = plan

    def read(self, data: Any) -> bool:
        raise NotImplementedError

    def more(self, data: Any) -> None:
        """One more row, with what was typed in the others."""

    def part(self, plan: UnfinishedPlan) -> object:
        raise NotImplementedError

    def changed(self, plan: UnfinishedPlan) -> UnfinishedPlan:
        raise NotImplementedError


class FrameEditor(Editor):
    def __init__(self, plan: UnfinishedPlan) -> None:
        super().__init__(plan)
        self.form = FrameForm(plan)

    def read(self, data: Any) -> bool:
        self.form = FrameForm(self.plan, data)
        return bool(self.form.is_valid())

    def part(self, plan: UnfinishedPlan) -> object:
        return frame_of(plan)

    def changed(self, plan: UnfinishedPlan) -> UnfinishedPlan:
        changed: UnfinishedPlan = self.form.changed(plan)
        return changed


class LessonsEditor(Editor):
    def __init__(self, plan: UnfinishedPlan) -> None:
        super().__init__(plan)
        self.form = LessonsForm(plan)

    def read(self, data: Any) -> bool:
        self.form = LessonsForm(self.plan, data)
        return bool(self.form.is_valid())

    def part(self, plan: UnfinishedPlan) -> object:
        return plan.education

    def changed(self, plan: UnfinishedPlan) -> UnfinishedPlan:
        changed: UnfinishedPlan = self.form.changed(plan)
        return changed


class RowsEditor(Editor):
    def __init__(self, plan: UnfinishedPlan, kind: str) -> None:
        super().__init__(plan)
        self._kind, self._rows = kind, ROWS[kind]
        self._offered = Offered(
            {**carried(plan), **forms_listed()}, {one.id: one.title for one in plan.activity}, items_asked(plan)
        )
        self.rows = self._rows.formset(plan, self._offered)

    def read(self, data: Any) -> bool:
        self.rows = self._rows.formset(self.plan, self._offered, data)
        return bool(self.rows.is_valid())

    def more(self, data: Any) -> None:
        told = data.copy()
        total = told.get("rows-TOTAL_FORMS", "")
        told["rows-TOTAL_FORMS"] = str(min(self._rows.most, int(total) + 1)) if is_number(total) else "1"
        for field, value in self._rows.blank().items():
            told.setdefault(f"rows-{int(told['rows-TOTAL_FORMS']) - 1}-{field}", value)
        self.rows = self._rows.formset(self.plan, self._offered, told)

    def part(self, plan: UnfinishedPlan) -> object:
        return self._rows.of(plan)

    def changed(self, plan: UnfinishedPlan) -> UnfinishedPlan:
        return self._rows.changed(plan, self.rows)


EDITORS: dict[str, Callable[[UnfinishedPlan], Editor]] = {
    "frame": FrameEditor,
    "lessons": LessonsEditor,
    "needs": lambda plan: RowsEditor(plan, "needs"),
    "forms": lambda plan: RowsEditor(plan, "forms"),
    "follow-ups": lambda plan: RowsEditor(plan, "follow-ups"),
}
