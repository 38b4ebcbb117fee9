"""Of an epoch, what came within the last thirty days: asked for every answer to a hello."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("results", "0009_leases")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="ledgerrow",
            index=models.Index(
                fields=["device", "stream", "epoch", "received_ms", "seq"], name="row_received_of_epoch"
            ),
        ),
    ]
