"""The last plan of each of many patients, found in the index alone."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("plans", "0007_orders_of_addresses")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="careplan",
            index=models.Index(fields=["patient", "-signed_ms", "-id", "stopped_ms"], name="plans_of_patient"),
        ),
    ]
