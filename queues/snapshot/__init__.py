"""One reading of a branch: everything its screens may need, as plain frozen data.

Audiences make their own, narrower views of it; templates are given those views only.
"""

from queues.snapshot.line import HEADS_KEPT
from queues.snapshot.reading import CORRECTED_FOR, BranchSnapshot, Part, read
from queues.snapshot.rows import DeskRow, FollowedRow, Head, LastMove, Names, Said, ServiceRow, TicketRow, Visited
from queues.snapshot.rules_and_events import EventRow, RuleRow
