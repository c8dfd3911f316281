"""Playing a real log of a queue: live, through a running system, or into the past. See docs/replay.md."""
