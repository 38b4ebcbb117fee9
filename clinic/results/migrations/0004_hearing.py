"""What the ear has heard (X10). Reports of before have none of it: null, never 0."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("results", "0003_a_reading_has_no_session")]
    operations = [
        migrations.AddField("listening", "level_dba", models.FloatField(null=True)),
        migrations.AddField("listening", "level_max_dba", models.FloatField(null=True)),
        migrations.AddField("listening", "dose_pa2h", models.FloatField(null=True)),
        migrations.AddField("listening", "dose_week_percent", models.FloatField(null=True)),
        migrations.AddField("listening", "sensitive", models.BooleanField(default=False)),
        migrations.AddField("listening", "calibration", models.TextField(blank=True, default="")),
        migrations.AddField("listening", "gain_start_db", models.FloatField(null=True)),
        migrations.AddField("listening", "level_changes", models.JSONField(default=list)),
        migrations.AddField("listening", "level_changes_total", models.BigIntegerField(default=0)),
        migrations.AddField("listening", "headphones_changes", models.JSONField(default=list)),
        migrations.AddField("listening", "headphones_changes_total", models.BigIntegerField(default=0)),
    ]
