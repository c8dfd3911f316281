"""The states of a ticket and the legal moves between them: data, with one gate (`actions.gate.move`) in front."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "WAITING", _("Waiting")
    CALLED = "CALLED", _("Called")
    SERVING = "SERVING", _("Being served")
    HELD = "HELD", _("On hold")
    DONE = "DONE", _("Served")
    NO_SHOW = "NO_SHOW", _("Did not come")
    LEFT = "LEFT", _("Left the line")
    EXPIRED = "EXPIRED", _("The day closed")


OPEN = (State.WAITING, State.CALLED, State.SERVING, State.HELD)
"""The visitor is still in the house, and the shown number is taken."""

AT_DESK = (State.CALLED, State.SERVING)
"""The ticket is the open ticket of its desk."""

MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        (State.WAITING, State.CALLED),
        (State.WAITING, State.LEFT),
        (State.WAITING, State.EXPIRED),
        (State.CALLED, State.CALLED),  # a recall
        (State.CALLED, State.SERVING),
        (State.CALLED, State.NO_SHOW),
        (State.CALLED, State.LEFT),
        (State.CALLED, State.EXPIRED),
        (State.SERVING, State.DONE),
    }
)
"""From, to. A ticket begins as WAITING; what has no way out is an end."""
