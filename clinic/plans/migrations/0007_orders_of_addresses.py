"""Orders that tell a box where the registrar and the shelf are."""

from typing import ClassVar

from django.db import migrations, models

KINDS = ("plan", "stop", "read", "offer", "withdraw", "message", "delivery", "standing", "wipe", "return", "addresses")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("plans", "0006_orders_to_leave"), ("fleet", "0004_one_living_code")]

    operations: ClassVar = [
        migrations.AlterField(
            "order", "kind", models.CharField(choices=[(kind, kind.capitalize()) for kind in KINDS], max_length=10)
        ),
    ]
