"""A box has one code that is good; of two that were made at one instant the later one is. Where a box was told to go."""

from typing import Any, ClassVar

from django.db import migrations, models


def leave_one(apps: Any, _editor: Any) -> None:
    codes = apps.get_model("fleet", "EnrolmentCode").objects.filter(used_ms=None, cancelled_ms=None)
    seen: set[str] = set()
    for code in codes.order_by("-id"):
        if code.box in seen:
            code.cancelled_ms = code.made_ms
            code.save(update_fields=["cancelled_ms"])
        seen.add(code.box)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("fleet", "0003_the_life_of_a_box")]

    operations: ClassVar = [
        migrations.AddField(
            "device", "addresses", models.CharField(blank=True, default="", max_length=700), preserve_default=False
        ),
        migrations.RunPython(leave_one, migrations.RunPython.noop),
        migrations.AddConstraint(
            "enrolmentcode",
            models.UniqueConstraint(
                fields=["box"], condition=models.Q(used_ms=None, cancelled_ms=None), name="one_living_code_of_a_box"
            ),
        ),
    ]
