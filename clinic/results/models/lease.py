"""Which ingest processes run: each takes in the reports of its own share of the boxes."""

from django.db import models


class IngestLease(models.Model):
    """A process that has not renewed it until then is taken for dead. By the database's clock."""

    name = models.CharField(primary_key=True, max_length=200)
    """Its MQTT client id: machine and place."""
    until_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name
