"""That the clockwork lives."""

from django.db import models


class Heartbeat(models.Model):
    """One row, rewritten every few seconds by the clockwork after a round."""

    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "heartbeat"

    def __str__(self) -> str:
        return self.at.isoformat()
