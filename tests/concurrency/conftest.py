from tests.queues.conftest import _in_english, no_hints

__all__ = ["_in_english", "no_hints"]
