"""The system's own settings, and one address more: a press that does nothing."""

from queuesite.settings import *  # noqa: F403 - all of them

ROOT_URLCONF = "bench.urls"
# What only looks like a press of the real thing would be measured else: in debug Django keeps every query.
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
