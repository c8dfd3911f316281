"""The clockwork's sign of life."""

from queues import clock
from queues.models import Heartbeat

THE_ONLY = 1


def record_heartbeat() -> None:
    """Say that the clockwork has just gone round. It changes no branch and no screen, so it locks none."""
    Heartbeat.objects.update_or_create(pk=THE_ONLY, defaults={"at": clock.now()})
