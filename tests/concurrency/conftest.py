from tests.queues.conftest import _in_english, no_change_notices

__all__ = ["_in_english", "no_change_notices"]
