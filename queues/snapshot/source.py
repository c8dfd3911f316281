"""How the relay reads branches: the model layer's answer to `live.source.Source`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from live.source import Audience, Member
from queues import clock, queries, snapshot
from queues.compiled import compiled
from queues.models import Branch
from queues.one_cursor import one_cursor
from queues.snapshot import BranchSnapshot, Part
from queues.topics import branch_id_of, branch_topic


class BranchAudience(Audience, Protocol):
    """An audience of a branch, which says what it needs to know. A member that is a number is a ticket it follows."""

    @property
    def needs(self) -> frozenset[Part]: ...


@compiled
def _revisions(branches: Sequence[int]) -> QuerySet[Branch, tuple[int, int]]:
    # Plain columns: modeltranslation's own querysets would choose a language.
    branches_asked: QuerySet[Branch] = QuerySet(Branch).filter(pk__in=branches)
    return branches_asked.values_list("pk", "revision")


class BranchSource:
    def now(self) -> datetime:
        return clock.now()

    def revisions(self, topics: Collection[str]) -> dict[str, int]:
        found = _revisions.all(branches=[branch_id_of(topic) for topic in topics])
        return {branch_topic(pk): revision for pk, revision in found}

    def read(self, topic: str, audiences: Mapping[Any, Collection[Member]]) -> BranchSnapshot | None:
        with one_cursor():
            branch = queries.branch_now(branch_id_of(topic))
            if branch is None:
                return None
            parts = {part for audience in audiences for part in audience.needs}
            follow = {member for members in audiences.values() for member in members if isinstance(member, int)}
            return snapshot.read(branch, parts, follow)
