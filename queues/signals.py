"""What rooms above may listen to without this one knowing them."""

from django.dispatch import Signal

moved = Signal()
"""After the commit of a ticket's move: `event` is its TicketEvent."""

refused = Signal()
"""A change was refused, and nothing of it stays: `refusal` says why. Sent by every frame that it passes."""
