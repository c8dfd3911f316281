"""The system's own settings, and one address more: a press that does nothing."""

from queuesite.settings import *  # noqa: F403 - all of them

ROOT_URLCONF = "bench.urls"
