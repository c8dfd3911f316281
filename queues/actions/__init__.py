"""Everything that may happen. Only this package writes the rows of `queues`, and the admin's forms, inside a change of
their branch; a change announces itself."""

from queues.actions.auto_call import attend, auto_call_idle_desks, set_auto_call
from queues.actions.branch_control import (
    close_now,
    close_service,
    delete_service,
    open_service,
    pause_all,
    remove_notice,
    reopen,
    resume_all,
    set_desk_services,
    show_notice,
    stop_numbers,
)
from queues.actions.calling import (
    call_held,
    call_next,
    call_ticket,
    finish,
    mark_absent,
    may_call_any,
    recall,
    start_serving,
)
from queues.actions.day_close import change_day_boundary, close_day
from queues.actions.desk_sessions import close_session, open_session, pause, resume, take_over, vacate_desks
from queues.actions.heartbeat import record_heartbeat
from queues.actions.help_requests import ask_at_kiosk, ask_for_help, end_help, go_and_help, go_to_kiosk
from queues.actions.issuing import issue
from queues.actions.leaving import leave
from queues.actions.restore import pass_over_given
from queues.actions.rules import add_rule, apply_rules, remove_rule, switch_rule
from queues.actions.service_times import learn_service_times
from queues.actions.setup import (
    Words,
    add_member,
    create_branch,
    create_desk,
    create_outcome,
    create_priority_class,
    create_service,
)
from queues.actions.thanks import give_thanks, see_thanks, thank_colleague
from queues.actions.ticket_control import release, set_priority, transfer_ticket
from queues.actions.transfers import bring_back, end_holds, hold, link, put_back, transfer
from queues.actions.undoing import UNDO_WITHIN, undo
from queues.actions.visit_records import VisitRecord, record, skip_record
from queues.actions.visitor_details import come_back, plan, plan_here, tell_name, tell_needs
