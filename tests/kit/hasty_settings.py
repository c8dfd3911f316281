"""The system's own settings, for a server that waits for no half request for long."""

from queuesite import daphne_limits
from queuesite.settings import *  # noqa: F403 - all of them

daphne_limits.HEADERS_WITHIN = 1
daphne_limits.BODY_WITHIN = 2
