"""The end of 0002, apart from it: PostgreSQL does not change a table whose new rows are still to be checked."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("results", "0002_a_reading_is_of_a_report")]
    operations = [
        migrations.RemoveField("reading", "session"),
        migrations.AlterField(
            "reading",
            "row",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="results.ledgerrow"
            ),
        ),
        migrations.AddConstraint(
            "reading", models.UniqueConstraint(fields=("row", "reader"), name="one_reading_a_report")
        ),
    ]
