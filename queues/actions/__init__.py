"""Everything that may happen. Only this package writes the rows of `queues`, and it announces what it has changed."""

from queues.actions.calling import call_next, finish, mark_absent, recall, start_serving
from queues.actions.changing import changing
from queues.actions.days import close_day
from queues.actions.issuing import issue
from queues.actions.leaving import leave
from queues.actions.setting_up import add_member, create_branch, create_desk, create_service

__all__ = [
    "add_member",
    "call_next",
    "changing",
    "close_day",
    "create_branch",
    "create_desk",
    "create_service",
    "finish",
    "issue",
    "leave",
    "mark_absent",
    "recall",
    "start_serving",
]
