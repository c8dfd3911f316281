"""A branch's rules: where a line grows long, further desks serve it."""

from queues.models import Branch, Rule


def rule_by_id(branch: Branch, pk: int) -> Rule | None:
    """None if the branch has no such rule."""
    return Rule.objects.filter(branch=branch, pk=pk).first()
