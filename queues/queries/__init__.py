"""Questions about a branch. Read only; the actions ask them under the branch's lock."""

from queues.queries.branches import branch_by_slug, branch_now, branches_by_slug, is_asked_at_kiosk, today
from queues.queries.desks import (
    desk_by_id,
    desks_by_id,
    desks_of,
    desks_where,
    desks_with_services,
    has_now,
    latest_desk_of,
    latest_event,
    latest_first,
)
from queues.queries.people import is_manager, member_by_id, members_of, person_by_id
from queues.queries.rules import rule_by_id
from queues.queries.services import (
    offered_services,
    only_open_service,
    outcomes_of,
    priorities_of,
    priority_by_id,
    service_by_id,
    services_by_id,
    services_of,
)
from queues.queries.thanks import count_unseen_thanks, thanks_to
from queues.queries.tickets import (
    NumbersInUse,
    drawn_at,
    have_come_back,
    left_over,
    may_thank,
    numbers_in_use,
    served_by,
    ticket_by_id,
    ticket_by_token,
    ticket_of_visit,
    tickets_by_token,
    todays_ticket,
)
from queues.queries.visit_records import what_helped
from queues.queries.waiting_line import ahead_of, due_at, line, line_parameters, next_at, waiting_and_on_hold
