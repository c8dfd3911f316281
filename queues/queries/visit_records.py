"""What clerks have recorded of visits."""

from queues.models import Branch, Visit


def what_helped(branch: Branch, words: str, *, most: int) -> list[Visit]:
    """Visits at any desk of the branch of which a clerk has written what helped, with each of these words in it: the
    newest first, at most so many, each with its service. One query."""
    visits = Visit.objects.filter(desk__branch=branch).exclude(helped="").select_related("service")
    for word in words.split():
        visits = visits.filter(helped__icontains=word)
    return list(visits.order_by("-id")[:most])
