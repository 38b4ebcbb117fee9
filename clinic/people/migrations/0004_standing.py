import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_care_under_way_goes_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("access-withdrawn", "Access Withdrawn"),
                            ("consent-withdrawn", "Consent Withdrawn"),
                            ("deceased", "Deceased"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since_ms", models.BigIntegerField()),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("box", models.CharField(blank=True, max_length=64)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="standings", to="people.patient"
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["patient", "-id"], name="standing_of_patient")],
            },
        ),
    ]
