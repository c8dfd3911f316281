"""The states of a ticket and the legal moves between them: data, and one function that makes them
(`changes.transition.move`)."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "WAITING", _("Waiting")
    CALLED = "CALLED", _("Called")
    SERVING = "SERVING", _("Being served")
    HELD = "HELD", _("On hold")
    DONE = "DONE", _("Served")
    NO_SHOW = "NO_SHOW", _("Did not come")
    LEFT = "LEFT", _("Left the queue")
    EXPIRED = "EXPIRED", _("The day closed")


OPEN = (State.WAITING, State.CALLED, State.SERVING, State.HELD)
"""The visitor is still here, and the shown number is taken."""

AT_DESK = (State.CALLED, State.SERVING)
"""The ticket is the open ticket of its desk, or goes with the one that is."""

MOVES: Mapping[tuple[State, State], tuple[str, ...]] = MappingProxyType(
    {
        (State.WAITING, State.WAITING): ("reassign", "set_priority", "bring_back", "link"),
        (State.WAITING, State.CALLED): ("call_next", "call_ticket", "link"),
        (State.WAITING, State.LEFT): ("leave",),
        (State.WAITING, State.EXPIRED): ("close_day", "close_now"),
        (State.CALLED, State.WAITING): ("mark_absent", "put_back", "transfer", "free"),
        (State.CALLED, State.CALLED): ("recall",),
        (State.CALLED, State.SERVING): ("start_serving", "link"),
        (State.CALLED, State.HELD): ("hold",),
        (State.CALLED, State.NO_SHOW): ("mark_absent", "free"),
        (State.CALLED, State.LEFT): ("leave",),
        (State.CALLED, State.EXPIRED): ("close_day",),
        (State.SERVING, State.WAITING): ("finish", "put_back", "transfer", "free"),
        (State.SERVING, State.HELD): ("hold",),
        (State.SERVING, State.DONE): ("finish", "free"),
        (State.HELD, State.WAITING): ("end_holds", "put_back", "transfer", "reassign", "free"),
        (State.HELD, State.CALLED): ("call_held", "call_next", "call_ticket"),
        (State.HELD, State.LEFT): ("leave", "free"),
        (State.HELD, State.EXPIRED): ("close_day", "close_now"),
        (State.NO_SHOW, State.WAITING): ("bring_back",),
    }
)
"""From, to, and which actions make that move, by the word that is stored. A ticket begins as WAITING; what has no way
out is an end. `undo` goes back the way that the last move of a desk came."""

UNDOABLE = (State.WAITING, State.CALLED, State.SERVING, State.HELD, State.DONE, State.NO_SHOW)
"""A desk's move to one of these may be undone. Nobody undoes for a visitor who left."""
