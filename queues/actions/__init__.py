"""Everything that may happen. Only this package writes the rows of `queues`, and it announces what it has changed."""

from queues.actions.calling import call_held, call_next, call_ticket, finish, mark_absent, recall, start_serving
from queues.actions.changing import changing
from queues.actions.days import close_day
from queues.actions.issuing import issue
from queues.actions.leaving import leave
from queues.actions.sending import bring_back, end_holds, hold, link, plan, put_back, reassign, transfer
from queues.actions.setting_up import add_member, create_branch, create_desk, create_service
from queues.actions.sitting import (
    ask_for_help,
    call_by_itself,
    call_for_idle_desks,
    end_help,
    go_and_help,
    pause,
    resume,
    sit_down,
    stand_up,
    take_over,
)
from queues.actions.undoing import undo
from queues.actions.visits import Said, record, skip_record

__all__ = [
    "Said",
    "add_member",
    "ask_for_help",
    "bring_back",
    "call_by_itself",
    "call_for_idle_desks",
    "call_held",
    "call_next",
    "call_ticket",
    "changing",
    "close_day",
    "create_branch",
    "create_desk",
    "create_service",
    "end_help",
    "end_holds",
    "finish",
    "go_and_help",
    "hold",
    "issue",
    "leave",
    "link",
    "mark_absent",
    "pause",
    "plan",
    "put_back",
    "reassign",
    "recall",
    "record",
    "resume",
    "sit_down",
    "skip_record",
    "stand_up",
    "start_serving",
    "take_over",
    "transfer",
    "undo",
]
