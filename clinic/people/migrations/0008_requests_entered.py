"""The last requests that somebody entered are found without reading all that were ever entered."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("people", "0007_passkeys")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(fields=["entered_by", "decided_ms"], name="requests_entered"),
        ),
    ]
