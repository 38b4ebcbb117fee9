import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]

    operations = [
        migrations.AddField(model_name="device", name="every_s", field=models.PositiveIntegerField(default=900)),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("received_ms", models.BigIntegerField()),
                ("wall_ms", models.BigIntegerField()),
                ("trusted", models.BooleanField()),
                ("boot", models.CharField(max_length=64)),
                ("monotonic_ms", models.BigIntegerField()),
                ("every_s", models.PositiveIntegerField()),
                ("version", models.CharField(blank=True, max_length=100)),
                ("system", models.CharField(blank=True, max_length=100)),
                ("pending", models.BigIntegerField()),
                ("free_mb", models.BigIntegerField(null=True)),
                ("temperature_c", models.FloatField(null=True)),
                ("kiosk", models.BooleanField(null=True)),
                ("player", models.BooleanField(null=True)),
                ("machine_off_ms", models.BigIntegerField(null=True)),
                ("certificate_ms", models.BigIntegerField(null=True)),
                ("tested_wall_ms", models.BigIntegerField(null=True)),
                ("tested_fine", models.JSONField(default=list)),
                ("tested_failed", models.JSONField(default=list)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="heartbeats", to="fleet.device"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["device", "-id"], name="heartbeats_of_box")]},
        ),
    ]
