"""Enrolment by a code, certificates, and the end of a loan."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


def _time() -> models.BigIntegerField:
    return models.BigIntegerField(blank=True, null=True)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("fleet", "0002_how_a_box_is"), ("people", "0004_standing")]

    operations: ClassVar = [
        migrations.AddField("device", "revoked_reason", models.TextField(blank=True, default=""), preserve_default=False),
        *(
            migrations.AddField("device", name, _time())
            for name in (
                "closed_ms", "return_asked_ms", "wipe_asked_ms", "wiped_ms", "returned_ms", "disinfected_ms",
            )
        ),
        migrations.AddField("device", "wiped_lost", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField(
            "device", "disinfected_by", models.CharField(blank=True, default="", max_length=150), preserve_default=False
        ),
        migrations.CreateModel(
            name="EnrolmentCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=4, unique=True)),
                ("digest", models.CharField(max_length=128)),
                ("box", models.CharField(max_length=64)),
                ("made_ms", models.BigIntegerField()),
                ("made_by", models.CharField(max_length=150)),
                ("expires_ms", models.BigIntegerField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("cancelled_ms", _time()),
                ("used_ms", _time()),
                ("used_keys", models.CharField(blank=True, max_length=64)),
                ("certificate", models.TextField(blank=True)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enrolment_codes", to="people.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("serial", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("issued_ms", models.BigIntegerField()),
                ("not_after_ms", models.BigIntegerField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to="fleet.device"
                    ),
                ),
            ],
        ),
    ]  # fmt: skip
