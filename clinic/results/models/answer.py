"""One item of a form, as it was answered. A silence has its reason, and is never 0."""

from typing import ClassVar

from django.db import models

from clinic.results.models.form import FormResponse
from clinic.results.models.session import Evaluation
from mqtt_bridge.contract.questions import NUMBER_MAX

_SCORE_OR_REASON = models.Q(score=None) | models.Q(absent_reason="", score__range=(0, NUMBER_MAX))


class GivenAnswer(models.Model):
    """A number, yes or no, what was chosen (`code`, and `choice` as it was shown), or words; else a reason."""

    position = models.PositiveIntegerField()
    item = models.TextField()
    score = models.SmallIntegerField(null=True)
    """A number, or beside what was chosen on a scale its step."""
    yes = models.BooleanField(null=True)
    code = models.TextField(blank=True, default="")
    """Its system and code, with a bar between them."""
    choice = models.TextField(blank=True, default="")
    words = models.TextField(blank=True)
    absent_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position"]

    @property
    def value(self) -> int | bool | str | None:
        """For machines: what was answered, None for a silence."""
        given = self.score if self.score is not None else self.yes
        return given if given is not None else (self.code or self.words or None)


class Answer(GivenAnswer):
    """Of an evaluation, before or after a care."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="answers")

    class Meta(GivenAnswer.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["evaluation", "position"], name="one_answer_a_position"),
            models.CheckConstraint(condition=_SCORE_OR_REASON, name="a_score_or_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.score}"


class FormAnswer(GivenAnswer):
    """Of a form apart from a care."""

    response = models.ForeignKey(FormResponse, models.PROTECT, related_name="answers")

    class Meta(GivenAnswer.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "position"], name="one_form_answer_a_position"),
            models.CheckConstraint(condition=_SCORE_OR_REASON, name="a_form_score_or_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.value}"
