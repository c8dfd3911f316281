"""What an action says when it may not be done: typed errors whose text is fit for the person who pressed."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from queues.states import State

if TYPE_CHECKING:
    from accounts.models import User
    from queues.models import Desk, Service, Ticket


class Refusal(Exception):  # noqa: N818 - our word: a refusal is an answer, not a fault
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


class ServiceInUse(Refusal):
    """It has given numbers, so it can't be deleted. `waiting`: how many of its visitors are still here."""

    def __init__(self, service: "Service", waiting: int) -> None:
        super().__init__(service, waiting)
        self.service = service
        self.waiting = waiting

    def __str__(self) -> str:
        service = {"service": self.service.name, "waiting": self.waiting}
        if not self.waiting:
            return _("%(service)s has given numbers, and its days are kept. Take it off the kiosk instead.") % service
        return (
            ngettext(
                "%(waiting)s visitor is here for %(service)s. Serve them or send them on; "
                "then close it, or take it off the kiosk.",
                "%(waiting)s visitors are here for %(service)s. Serve them or send them on; "
                "then close it, or take it off the kiosk.",
                self.waiting,
            )
            % service
        )


class NumbersUsedUp(Refusal):
    """Every number of the service's range is with somebody who is still here."""

    def __init__(self, service: "Service") -> None:
        super().__init__(service)
        self.service = service

    def __str__(self) -> str:
        return _("All numbers of %(service)s are in use. Please ask the staff.") % {"service": self.service.name}


class TooManyNumbers(Refusal):
    """Drawn at one kiosk, or from one address. `seconds` until the next one is given."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return _("Many numbers have just been taken here. Please wait a moment and press again.")


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


class OnHold(TicketRefusal):
    def __str__(self) -> str:
        return _("%(number)s is on hold at desk %(desk)s.") % {"number": self.ticket.shown, "desk": self.ticket.desk}


class AlreadyOver(TicketRefusal):
    """Nothing can happen to this ticket any more."""

    def __str__(self) -> str:
        number = {"number": self.ticket.shown}
        match State(self.ticket.state):
            case State.DONE:
                return (
                    _(
                        "%(number)s has already been served. Another visit needs a new number; "
                        "a clerk can give one by hand."
                    )
                    % number
                )
            case State.NO_SHOW:
                return _("%(number)s was marked absent.") % number
            case State.LEFT:
                return _("%(number)s has left the queue.") % number
            case _state:
                return _("The day of %(number)s is over.") % number


class WrongState(TicketRefusal):
    """The desk has this ticket, but the press doesn't fit what it is now: often its other window was faster."""

    def __str__(self) -> str:
        return _("%(number)s is now “%(state)s”: this can't be done now.") % {
            "number": self.ticket.shown,
            "state": self.ticket.get_state_display(),
        }


class DeskEmpty(Refusal):
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


class LinkedAlready(TicketRefusal):
    def __str__(self) -> str:
        return _("%(number)s already goes with somebody.") % {"number": self.ticket.shown}


class SecondNoShow(TicketRefusal):
    """The phone brings a ticket back once."""

    def __str__(self) -> str:
        return _("%(number)s has been called more than once. Please turn to the staff.") % {"number": self.ticket.shown}


class NumberTaken(TicketRefusal):
    """The visitor's number went round, and is somebody else's now."""

    def __str__(self) -> str:
        return _("%(number)s is somebody else's number now. Please take a new one.") % {"number": self.ticket.shown}


class ActedSince(TicketRefusal):
    def __str__(self) -> str:
        return _("Too late to undo: somebody else has acted on %(number)s since.") % {"number": self.ticket.shown}


class Unrecorded(TicketRefusal):
    """This branch wants to know how a visit went before the next one begins."""

    def __str__(self) -> str:
        return _("How did the visit of %(number)s go? Choose an outcome first.") % {"number": self.ticket.shown}


class NothingToUndo(Refusal):
    def __str__(self) -> str:
        return _("There is nothing to undo any more.")


class NothingToRecord(Refusal):
    def __str__(self) -> str:
        return _("This visit has been recorded, or is no longer yours.")


class NowhereToSend(Refusal):
    def __str__(self) -> str:
        return _("Choose a service, a desk or a colleague to send the visitor to.")


class NobodyThere(Refusal):
    """Where a visitor is to be sent, nobody serves just now. May be done all the same."""

    def __init__(self, place: "Service | Desk | User") -> None:
        super().__init__(place)
        self.place = place

    def __str__(self) -> str:
        name = getattr(self.place, "shown_name", str(self.place))
        match type(self.place).__name__:
            case "Desk":
                return _("Nobody sits at desk %(desk)s just now.") % {"desk": name}
            case "Service":
                return _("Nobody serves %(service)s just now.") % {"service": name}
            case _person:
                return _("%(name)s sits at no desk just now.") % {"name": name}


class TargetGone(Refusal):
    """What was chosen from a page is no longer there, or belongs to another branch."""

    def __str__(self) -> str:
        return _("What you chose is no longer here. Please choose again.")


class NotPermitted(Refusal):
    def __str__(self) -> str:
        return _("You may not call out of turn here. Ask your supervisor.")


class ReasonMissing(Refusal):
    def __str__(self) -> str:
        return _("Say in a word why: it is kept with the ticket.")


class BranchPaused(Refusal):
    def __str__(self) -> str:
        return _("Everything is paused just now. Places in the queue are kept.")


class DayClosed(Refusal):
    def __str__(self) -> str:
        return _("No more numbers are given today.")


class WordsMissing(Refusal):
    """What everybody is to be told isn't said in this language, the branch's first."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language

    def __str__(self) -> str:
        name = dict(settings.LANGUAGES).get(self.language, self.language)
        return _("Say it at least in this language: %(language)s.") % {"language": name}


class DeskRefusal(Refusal):
    """About the desk, as it is now."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self.desk = desk


class DeskTaken(DeskRefusal):
    """Somebody else is signed in there."""

    def __str__(self) -> str:
        if self.desk.clerk is None or self.desk.clerk_since is None:
            return _("Somebody else sits at this desk.")
        since = date_format(localtime(self.desk.clerk_since, self.desk.branch.zone), "TIME_FORMAT")
        return _("%(clerk)s has been at this desk since %(time)s.") % {
            "clerk": self.desk.clerk.shown_name,
            "time": since,
        }


class DeskPaused(DeskRefusal):
    def __str__(self) -> str:
        return _("This desk is paused. Press “Go on” first.")


class DeskGone(Refusal):
    def __str__(self) -> str:
        return _("This desk no longer exists.")


class UnknownTicket(Refusal):
    def __str__(self) -> str:
        return _("There is no such ticket here.")


class NobodyToThank(Refusal):
    def __str__(self) -> str:
        return _("Thanks can be left after a visit, when it is known who served you.")


class BranchBusy(Refusal):
    """Others kept the branch's lock for too long; nothing was done."""

    def __str__(self) -> str:
        return _("Very busy just now: nothing was done. Please press again.")


class PartlyDone(Refusal):
    """Others kept the branch's lock for too long after the first of it was done; the same press does the rest."""

    def __str__(self) -> str:
        return _("Not everything is done yet: press again.")


class BranchGone(Refusal):
    def __str__(self) -> str:
        return _("This branch no longer exists.")
