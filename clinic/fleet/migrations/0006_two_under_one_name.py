"""When two machines were last heard under one box's name."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("fleet", "0005_boots_that_were_heard")]

    operations: ClassVar = [
        migrations.AddField("device", "twin_ms", models.BigIntegerField(blank=True, null=True)),
    ]
