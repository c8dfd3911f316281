from queues.models.branch import Branch, Membership, Role
from queues.models.series import NumberSeries
from queues.models.service import Desk, PriorityClass, Service
from queues.models.ticket import Ticket, TicketEvent

__all__ = [
    "Branch",
    "Desk",
    "Membership",
    "NumberSeries",
    "PriorityClass",
    "Role",
    "Service",
    "Ticket",
    "TicketEvent",
]
