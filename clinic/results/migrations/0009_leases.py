"""Who takes in reports, and until when that holds."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("results", "0008_held_of_an_epoch")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="IngestLease",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("until_ms", models.BigIntegerField()),
            ],
        ),
    ]
