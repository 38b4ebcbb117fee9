"""The session in which answers were given that count before another care, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("results", "0005_the_bedside")]

    operations = [
        migrations.AddField("evaluation", "given_in", models.CharField(blank=True, default="", max_length=64)),
    ]
