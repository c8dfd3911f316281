"""Questions about the line. Read only; the actions ask them under the branch's lock."""

from queues.queries.waiting_line import (
    NumbersInUse,
    a_line,
    ahead_of,
    branch_now,
    due_at,
    has_now,
    have_come_back,
    in_line,
    is_asked_at_kiosk,
    latest_event,
    left_over,
    line,
    line_later,
    may_thank,
    next_at,
    numbers_in_use,
    served_by,
    today,
)
