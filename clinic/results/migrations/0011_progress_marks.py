"""How often a patient's progress was marked, so that who reckons clears no mark that came meanwhile."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("results", "0010_received_of_an_epoch")]
    operations: ClassVar = [
        migrations.AddField(model_name="progress", name="marks", field=models.PositiveIntegerField(default=0)),
    ]
