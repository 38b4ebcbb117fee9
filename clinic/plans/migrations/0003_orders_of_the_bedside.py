from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0002_orders_about_packages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="kind",
            field=models.CharField(
                choices=[
                    ("plan", "Plan"),
                    ("stop", "Stop"),
                    ("read", "Read"),
                    ("offer", "Offer"),
                    ("withdraw", "Withdraw"),
                    ("message", "Message"),
                    ("delivery", "Delivery"),
                    ("standing", "Standing"),
                ],
                max_length=10,
            ),
        ),
    ]
