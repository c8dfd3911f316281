from queues.models.branch import AfterVisit, Branch, Membership, Role
from queues.models.branch_event import BranchEvent, What
from queues.models.desk import Desk
from queues.models.heartbeat import Heartbeat
from queues.models.rule import Rule
from queues.models.series import NumberSeries
from queues.models.service import Outcome, PriorityClass, Service
from queues.models.ticket import Need, Ticket, TicketEvent
from queues.models.visit import Thanks, Visit, VisitOutcome
