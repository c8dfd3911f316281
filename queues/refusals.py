"""What an action says when it may not be done: typed errors whose text is fit for the person who pressed."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from queues.states import State

if TYPE_CHECKING:
    from queues.models import Desk, Service, Ticket


class Refusal(Exception):  # noqa: N818 - the house's word: a refusal is an answer, not a fault
    """`str()` says what is the case, in the language active when it is asked."""


class NobodyWaiting(Refusal):
    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self.desk = desk

    def __str__(self) -> str:
        return _("Nobody is waiting for this desk.")


class ServiceClosed(Refusal):
    def __init__(self, service: "Service") -> None:
        super().__init__(service)
        self.service = service

    def __str__(self) -> str:
        if self.service.closed_note:
            return _("%(service)s is closed now. %(note)s") % {
                "service": self.service.name,
                "note": self.service.closed_note,
            }
        return _("%(service)s is closed now.") % {"service": self.service.name}


class ServiceGone(Refusal):
    def __str__(self) -> str:
        return _("This service is no longer offered here. Please choose another one.")


class NumbersUsedUp(Refusal):
    """Every number of the service's range is with somebody who is still in the house."""

    def __init__(self, service: "Service") -> None:
        super().__init__(service)
        self.service = service

    def __str__(self) -> str:
        return _("All numbers of %(service)s are in use. Please ask the staff.") % {"service": self.service.name}


class TicketRefusal(Refusal):
    """About one ticket, as it is now."""

    def __init__(self, ticket: "Ticket") -> None:
        super().__init__(ticket)
        self.ticket = ticket


class DeskBusy(TicketRefusal):
    """The desk still has this ticket."""

    def __str__(self) -> str:
        return _("You still have %(number)s. Finish it first.") % {"number": self.ticket.shown}


class AlreadyCalled(TicketRefusal):
    def __str__(self) -> str:
        return _("%(number)s: already called by desk %(desk)s.") % {
            "number": self.ticket.shown,
            "desk": self.ticket.desk,
        }


class AlreadyOver(TicketRefusal):
    """Nothing can happen to this ticket any more."""

    def __str__(self) -> str:
        number = {"number": self.ticket.shown}
        match State(self.ticket.state):
            case State.DONE:
                return _("%(number)s has already been served.") % number
            case State.NO_SHOW:
                return _("%(number)s was marked absent.") % number
            case State.LEFT:
                return _("%(number)s has left the line.") % number
            case _state:
                return _("The day of %(number)s is over.") % number


class NotNow(TicketRefusal):
    """The desk has this ticket, but the press doesn't fit what it is now: often its other window was faster."""

    def __str__(self) -> str:
        return _("%(number)s is now “%(state)s”: this can't be done now.") % {
            "number": self.ticket.shown,
            "state": self.ticket.get_state_display(),
        }


class NobodyHere(Refusal):
    """The desk has called nobody whom this press could be about."""

    def __str__(self) -> str:
        return _("Nobody is at this desk. Call the next one first.")


class ChangedMeanwhile(TicketRefusal):
    """Somebody else, or another window, was faster; the page shows how it is now."""

    def __str__(self) -> str:
        return _("Changed meanwhile: %(number)s is now “%(state)s”.") % {
            "number": self.ticket.shown,
            "state": self.ticket.get_state_display(),
        }


class UnknownTicket(Refusal):
    def __str__(self) -> str:
        return _("There is no such ticket here.")


class BranchGone(Refusal):
    def __str__(self) -> str:
        return _("This branch no longer exists.")
