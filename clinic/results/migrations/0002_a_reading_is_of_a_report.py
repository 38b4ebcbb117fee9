"""A reading is of a report and no longer of a session: what came after the page was read has not been read."""

import django.db.models.deletion
from django.db import migrations, models


def count_gaps(apps, _schema_editor):
    for heard in apps.get_model("results", "Listening").objects.exclude(gaps=[]):
        heard.gaps_total = len(heard.gaps)
        heard.save(update_fields=["gaps_total"])


def to_reports(apps, _schema_editor):
    """Whoever read a session has read its reports that had arrived by then."""
    of = {name: apps.get_model("results", name) for name in ("Reading", "Listening", "Evaluation")}
    for old in list(of["Reading"].objects.filter(row=None)):
        for kind in ("Listening", "Evaluation"):
            here = of[kind].objects.filter(session_id=old.session_id, row__received_ms__lte=old.read_ms)
            for row_id in here.values_list("row_id", flat=True):
                of["Reading"].objects.create(
                    row_id=row_id,
                    session_id=old.session_id,
                    reader_id=old.reader_id,
                    read_ms=old.read_ms,
                    order_id=old.order_id,
                )
        old.delete()


class Migration(migrations.Migration):
    dependencies = [("results", "0001_initial")]
    operations = [
        migrations.AddField(
            "ledgerrow", "code", models.CharField(blank=True, max_length=40, default=""), preserve_default=False
        ),
        migrations.AddField(
            "quarantine", "code", models.CharField(blank=True, max_length=40, default=""), preserve_default=False
        ),
        migrations.AddField("listening", "gaps_total", models.BigIntegerField(default=0)),
        migrations.AddField(
            "reading",
            "row",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="readings",
                to="results.ledgerrow",
            ),
        ),
        migrations.RemoveConstraint("reading", "one_reading_a_reader"),
        migrations.RunPython(count_gaps),
        migrations.RunPython(to_reports),
    ]
