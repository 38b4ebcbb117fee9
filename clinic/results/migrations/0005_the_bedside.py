"""Answers of every kind, forms apart from a care, needs, reasons, lessons and self-tests of the bedside."""

import django.db.models.deletion
from django.db import migrations, models


def into_words(apps, _schema_editor):
    """Backwards: what the former record cannot hold as it is stays readable, as words."""
    answers = apps.get_model("results", "Answer").objects
    for one in answers.filter(models.Q(score__gt=10) | models.Q(yes__isnull=False) | ~models.Q(choice="")):
        told = one.choice or (("non", "oui")[one.yes] if one.yes is not None else str(one.score))
        one.words, one.score = told, None
        one.save(update_fields=["words", "score"])


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0001_initial"),
        ("people", "0004_standing"),
        ("results", "0004_hearing"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("item", models.TextField()),
                ("score", models.SmallIntegerField(null=True)),
                ("yes", models.BooleanField(null=True)),
                ("code", models.TextField(blank=True, default="")),
                ("choice", models.TextField(blank=True, default="")),
                ("words", models.TextField(blank=True)),
                ("absent_reason", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FormResponse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wall_ms", models.BigIntegerField()),
                ("trusted", models.BooleanField()),
                ("boot", models.CharField(max_length=64)),
                ("monotonic_ms", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                ("error_ms", models.BigIntegerField(null=True)),
                ("time_source", models.CharField(max_length=20)),
                ("received_ms", models.BigIntegerField()),
                ("occasion", models.CharField(max_length=64)),
                ("request", models.CharField(max_length=64)),
                ("title", models.TextField()),
                ("purpose", models.CharField(max_length=20)),
                ("about_relative", models.BooleanField(default=False)),
                ("plan", models.CharField(blank=True, max_length=64)),
                ("plan_version", models.PositiveIntegerField(null=True)),
                ("questionnaire", models.TextField()),
                ("status", models.CharField(max_length=20)),
                ("source", models.TextField()),
                ("answered_by", models.CharField(blank=True, max_length=20)),
                ("delay_s", models.FloatField()),
                ("after", models.CharField(blank=True, max_length=64)),
                ("day", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="LessonReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wall_ms", models.BigIntegerField()),
                ("trusted", models.BooleanField()),
                ("boot", models.CharField(max_length=64)),
                ("monotonic_ms", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                ("error_ms", models.BigIntegerField(null=True)),
                ("time_source", models.CharField(max_length=20)),
                ("received_ms", models.BigIntegerField()),
                ("lesson", models.CharField(max_length=64)),
                ("version", models.BigIntegerField()),
                ("title", models.TextField()),
                ("pages_read", models.BigIntegerField()),
                ("pages", models.BigIntegerField()),
                ("duration_s", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="Need",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session", models.CharField(max_length=64)),
                ("rule", models.TextField()),
                ("offered", models.CharField(max_length=64)),
                ("chosen", models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="SelfTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wall_ms", models.BigIntegerField()),
                ("trusted", models.BooleanField()),
                ("boot", models.CharField(max_length=64)),
                ("monotonic_ms", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                ("error_ms", models.BigIntegerField(null=True)),
                ("time_source", models.CharField(max_length=20)),
                ("received_ms", models.BigIntegerField()),
                ("findings", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="StopReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=20)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="answer",
            name="a_score_or_a_reason",
        ),
        migrations.AddField(
            model_name="answer",
            name="choice",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="answer",
            name="code",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="answer",
            name="yes",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="answered_by",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.RunPython(migrations.RunPython.noop, into_words),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score", None), models.Q(("absent_reason", ""), ("score__range", (0, 9999))), _connector="OR"
                ),
                name="a_score_or_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="formresponse",
            name="device",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
        ),
        migrations.AddField(
            model_name="formresponse",
            name="patient",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.patient"),
        ),
        migrations.AddField(
            model_name="formresponse",
            name="row",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
            ),
        ),
        migrations.AddField(
            model_name="formanswer",
            name="response",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="results.formresponse"
            ),
        ),
        migrations.AddField(
            model_name="lessonreading",
            name="device",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
        ),
        migrations.AddField(
            model_name="lessonreading",
            name="patient",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.patient"),
        ),
        migrations.AddField(
            model_name="lessonreading",
            name="row",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="device",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
        ),
        migrations.AddField(
            model_name="need",
            name="row",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="need", to="results.ledgerrow"
            ),
        ),
        migrations.AddField(
            model_name="selftest",
            name="device",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
        ),
        migrations.AddField(
            model_name="selftest",
            name="row",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
            ),
        ),
        migrations.AddField(
            model_name="stopreason",
            name="device",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
        ),
        migrations.AddField(
            model_name="stopreason",
            name="row",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="stopreason", to="results.ledgerrow"
            ),
        ),
        migrations.AddIndex(
            model_name="formresponse",
            index=models.Index(fields=["patient", "-received_ms"], name="forms_of_patient"),
        ),
        migrations.AddConstraint(
            model_name="formanswer",
            constraint=models.UniqueConstraint(fields=("response", "position"), name="one_form_answer_a_position"),
        ),
        migrations.AddConstraint(
            model_name="formanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score", None), models.Q(("absent_reason", ""), ("score__range", (0, 9999))), _connector="OR"
                ),
                name="a_form_score_or_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="lessonreading",
            index=models.Index(fields=["patient", "-received_ms"], name="lessons_of_patient"),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["device", "session"], name="needs_of_session"),
        ),
        migrations.AddIndex(
            model_name="selftest",
            index=models.Index(fields=["device", "-received_ms"], name="selftests_of_box"),
        ),
        migrations.AddIndex(
            model_name="stopreason",
            index=models.Index(fields=["device", "session"], name="reasons_of_session"),
        ),
    ]
