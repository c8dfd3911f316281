"""The numbers that one service gives on one business day."""

from django.db import models

from queues.models.service import Service


class NumberSeries(models.Model):
    """`last_serial` counts 1, 2, 3 … without bound or gap; `last_number` is what was shown last; the next
    one, which wraps within the service's range, is `actions.issuing.next_number`'s."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="series")
    business_day = models.DateField()
    last_serial = models.PositiveIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"
        constraints = [models.UniqueConstraint(fields=["service", "business_day"], name="one_series_a_day")]

    def __str__(self) -> str:
        return f"{self.service} {self.business_day}"
