import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_standing"),
        ("plans", "0003_orders_of_the_bedside"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="patient",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.patient"
            ),
        ),
    ]
