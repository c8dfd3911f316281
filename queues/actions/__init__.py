"""Everything that may happen. Only this package writes the rows of `queues`, and it announces what it has changed."""

from queues.actions.beating import beat
from queues.actions.calling import call_held, call_next, call_ticket, finish, mark_absent, recall, start_serving
from queues.actions.days import close_day
from queues.actions.hall import (
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
from queues.actions.helping import ask_at_kiosk, ask_for_help, end_help, go_and_help, go_to_kiosk
from queues.actions.issuing import issue
from queues.actions.leaving import leave
from queues.actions.pace import learn_paces
from queues.actions.planning import plan, plan_here
from queues.actions.rescuing import free, send_on, set_priority
from queues.actions.restoring import pass_over_given
from queues.actions.rules import add_rule, apply_rules, remove_rule, switch_rule
from queues.actions.sending import (
    bring_back,
    bring_back_number,
    end_all_holds,
    end_holds,
    hold,
    link,
    put_back,
    reassign,
    transfer,
)
from queues.actions.setting_up import (
    add_member,
    create_branch,
    create_desk,
    create_outcome,
    create_priority_class,
    create_service,
)
from queues.actions.sitting import (
    call_by_itself,
    call_for_idle_desks,
    pause,
    resume,
    sit_down,
    stand_up,
    take_over,
)
from queues.actions.thanking import give_thanks, see_thanks, thank_colleague
from queues.actions.undoing import undo
from queues.actions.visiting import come_back, tell_name, tell_needs
from queues.actions.visits import Said, record, skip_record
from queues.changes.transaction import changing

__all__ = [
    "Said",
    "add_member",
    "add_rule",
    "apply_rules",
    "ask_at_kiosk",
    "ask_for_help",
    "beat",
    "bring_back",
    "bring_back_number",
    "call_by_itself",
    "call_for_idle_desks",
    "call_held",
    "call_next",
    "call_ticket",
    "changing",
    "close_day",
    "close_now",
    "close_service",
    "come_back",
    "create_branch",
    "create_desk",
    "create_outcome",
    "create_priority_class",
    "create_service",
    "delete_service",
    "end_all_holds",
    "end_help",
    "end_holds",
    "finish",
    "free",
    "give_thanks",
    "go_and_help",
    "go_to_kiosk",
    "hold",
    "issue",
    "learn_paces",
    "leave",
    "link",
    "mark_absent",
    "open_service",
    "pass_over_given",
    "pause",
    "pause_all",
    "plan",
    "plan_here",
    "put_back",
    "reassign",
    "recall",
    "record",
    "remove_notice",
    "remove_rule",
    "reopen",
    "resume",
    "resume_all",
    "see_thanks",
    "send_on",
    "set_desk_services",
    "set_priority",
    "show_notice",
    "sit_down",
    "skip_record",
    "stand_up",
    "start_serving",
    "stop_numbers",
    "switch_rule",
    "take_over",
    "tell_name",
    "tell_needs",
    "thank_colleague",
    "transfer",
    "undo",
]
