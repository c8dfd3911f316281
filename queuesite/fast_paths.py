"""Shortcuts through the insides of other libraries, and the plain way beside each.

A fast path is a module with two functions. `self_test() -> None` raises when what the path reaches into is not as it
was, and changes nothing. `enable() -> None` takes the fast path from then on, and may be called again. Before that, and
where the self-test fails or PLAIN_WAYS names the path, the plain way is taken, which does the same, only more slowly.
docs/upgrading.md has a row for each.
"""

import logging
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FastPath:
    module: str
    under_daphne: bool = False
    """Whether only a server takes it."""
    without: str = ""
    """What an operator has to do where it is off; empty where nothing but speed is lost."""


PATHS = {
    "compiled_queries": FastPath("queues.compiled"),
    "daphne_limits": FastPath(
        "queuesite.daphne_limits",
        under_daphne=True,
        without="A proxy in front must limit the bodies of requests and the time they take; see docs/operations.md.",
    ),
    "handshake_log": FastPath("live.autobahn_log", under_daphne=True),
    "redis_publish": FastPath("live.redis_layer"),
    "timestamps": FastPath("queuesite.psycopg_times"),
    "websocket_fast_path": FastPath("live.daphne_fast_path", under_daphne=True),
}

taken: dict[str, bool] = {}
"""Those decided on in this process: True for the fast path, False for the plain way."""


def enable(*, under_daphne: bool) -> None:
    """Take the fast paths of a server, or those of every process. Where one can't be taken one line in the log says so,
    and where one is switched off that leaves the operator something to do."""
    for name, path in PATHS.items():
        if path.under_daphne == under_daphne:
            taken[name] = _enable(name, path)


def _enable(name: str, path: FastPath) -> bool:
    if name in settings.ENVIRONMENT.plain_ways:
        if path.without:
            logger.warning("The fast path %s is off: PLAIN_WAYS names it. %s", name, path.without)
        return False
    try:
        module = import_module(path.module)
        module.self_test()
        module.enable()
    except Exception as error:  # noqa: BLE001 - whatever a new release has changed, the plain way is there
        reason = f"{type(error).__name__}, {error}. {path.without}".rstrip()
        logger.warning("The fast path %s is off: %s", name, reason)
        return False
    return True
