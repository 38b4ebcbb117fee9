"""Orders by which a box learns that it is no longer linked."""

from typing import ClassVar

from django.db import migrations, models

KINDS = (
    "plan", "stop", "read", "offer", "withdraw", "message", "delivery", "standing", "wipe", "return", "revoked",
    "addresses",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies: ClassVar = [("plans", "0008_plans_of_a_patient")]

    operations: ClassVar = [
        migrations.AlterField(
            "order", "kind", models.CharField(choices=[(kind, kind.capitalize()) for kind in KINDS], max_length=10)
        ),
    ]
