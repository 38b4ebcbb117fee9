"""What was lost with a box that could not count it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("fleet", "0006_two_under_one_name")]
    operations: ClassVar = [
        migrations.AddField("device", "wiped_uncounted", models.BooleanField(default=False)),
    ]
