"""Orders to be wiped and to be given back."""

from typing import ClassVar

from django.db import migrations, models

KINDS = ("plan", "stop", "read", "offer", "withdraw", "message", "delivery", "standing", "wipe", "return")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("plans", "0005_drafts_and_library")]

    operations: ClassVar = [
        migrations.AlterField(
            "order", "kind", models.CharField(choices=[(kind, kind.capitalize()) for kind in KINDS], max_length=10)
        ),
    ]
