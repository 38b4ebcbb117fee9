"""Of an epoch, what is held: asked for every acknowledgement."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("results", "0007_progress")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="ledgerrow",
            index=models.Index(
                condition=models.Q(("state", "held")),
                fields=["device", "stream", "epoch", "seq"],
                name="row_held_of_epoch",
            ),
        ),
    ]
