"""The names under which branches are announced."""

PREFIX = "branch."


def branch_topic(branch_id: int) -> str:
    return f"{PREFIX}{branch_id}"


def branch_id_of(topic: str) -> int:
    return int(topic.removeprefix(PREFIX))
