"""Questions about a branch. Read only; the actions ask them under the branch's lock."""

from queues.queries.branches import branch_now, is_asked_at_kiosk, today
from queues.queries.desks import has_now, latest_event
from queues.queries.tickets import (
    NumbersInUse,
    have_come_back,
    left_over,
    may_thank,
    numbers_in_use,
    served_by,
    todays_ticket,
)
from queues.queries.waiting_line import ahead_of, due_at, line, line_parameters, next_at
