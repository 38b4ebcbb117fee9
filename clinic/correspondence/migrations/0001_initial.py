import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("fleet", "0001_initial"),
        ("people", "0004_standing"),
        ("plans", "0003_orders_of_the_bedside"),
        ("results", "0005_the_bedside"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivery", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("received", "Received"),
                            ("sent", "Sent"),
                            ("prepared", "Prepared"),
                            ("on-the-way", "On The Way"),
                            ("delivered", "Delivered"),
                            ("refused", "Refused"),
                        ],
                        default="asked",
                        max_length=12,
                    ),
                ),
                ("first_received_ms", models.BigIntegerField()),
                (
                    "device",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="people.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeliveryStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("received", "Received"),
                            ("sent", "Sent"),
                            ("prepared", "Prepared"),
                            ("on-the-way", "On The Way"),
                            ("delivered", "Delivered"),
                            ("refused", "Refused"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=90)),
                ("told_ms", models.BigIntegerField()),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="correspondence.delivery"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.order"
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="DeliveryWord",
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
                ("kind", models.CharField(choices=[("asked", "Asked"), ("there", "There")], max_length=10)),
                ("note", models.TextField(blank=True)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="words", to="correspondence.delivery"
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.patient"
                    ),
                ),
                (
                    "row",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HelpRequest",
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
                ("help", models.CharField(max_length=64)),
                ("rule", models.TextField(blank=True)),
                ("session", models.CharField(blank=True, max_length=64)),
                ("taken_ms", models.BigIntegerField(null=True)),
                ("closed_ms", models.BigIntegerField(null=True)),
                ("done", models.CharField(blank=True, max_length=1000)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="help_requests",
                        to="people.patient",
                    ),
                ),
                (
                    "row",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MessageFromPatient",
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
                ("message", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("reply_to", models.CharField(blank=True, max_length=64)),
                (
                    "device",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.patient"
                    ),
                ),
                (
                    "row",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MessageToPatient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message", models.CharField(max_length=64, unique=True)),
                ("sent_ms", models.BigIntegerField()),
                ("text", models.JSONField()),
                ("replies", models.JSONField(default=list)),
                ("orders", models.ManyToManyField(related_name="+", to="plans.order")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages_to", to="people.patient"
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MessageOpened",
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
                (
                    "device",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.patient"
                    ),
                ),
                (
                    "row",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)s", to="results.ledgerrow"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="correspondence.messagetopatient",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["patient", "-first_received_ms"], name="deliveries_of_patient"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("device", "delivery"), name="one_delivery_a_box"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(condition=models.Q(("closed_ms", None)), fields=["received_ms"], name="help_open"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(fields=["patient", "-received_ms"], name="help_of_patient"),
        ),
        migrations.AddIndex(
            model_name="messagefrompatient",
            index=models.Index(fields=["patient", "-received_ms"], name="messages_of_patient"),
        ),
        migrations.AddIndex(
            model_name="messagetopatient",
            index=models.Index(fields=["patient", "-sent_ms"], name="messages_to_patient"),
        ),
    ]
