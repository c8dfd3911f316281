"""Which stack the tests run on, and which of them run there.

`make test` runs everything twice (see tools/stack.py): on the embedded default, and on PostgreSQL and Redis. Plain
`pytest` is the embedded run. TEST_STACK says which run this is: "embedded"; "networked"; "browser", which has the
networked stack's browser tests; or "plain", which has those tests that a fast path touches, on the networked stack with
PLAIN_WAYS=all.
"""

import os
import shutil
import tempfile
import threading
from pathlib import Path

RUN_ONCE = {
    "tests/accounts/": "embedded",
    "tests/bench/": "embedded",
    "tests/demo/": "embedded",
    "tests/docs/": "embedded",
    "tests/queues/management/": "embedded",
    "tests/queues/test_migrations.py": "embedded",
    "tests/queuesite/": "embedded",
    "tests/simulation/": "embedded",
    "tests/tools/": "embedded",
    "tests/display/": "networked",
    "tests/kiosk/": "networked",
    "tests/queues/test_admin.py": "networked",
    "tests/replay/": "networked",
    "tests/security/": "networked",
    "tests/staffdesk/": "networked",
    "tests/system/test_query_counts.py": "networked",
    "tests/system/test_snapshot_invariant.py": "networked",
    "tests/visitor/": "networked",
}
"""What knows no difference between the stacks, and where it runs: pages on the stricter database. A test that is marked
with its stack runs there; browser tests are shared out by their marks, so that all runs take about as long."""
RUN_TWICE = ("tests/queuesite/test_backup.py",)
"""What does know one, all the same."""
PLAIN_TOO = (
    "tests/live/",
    "tests/queuesite/test_daphne_limits.py",
    "tests/queues/test_compiled.py",
    "tests/queuesite/test_psycopg_times.py",
)
"""What a fast path touches (docs/upgrading.md), and what must hold on its plain way, too."""
BROWSER = "tests/browser/"
LAST_READING = 5.0
"""Seconds that a hub's last reading may take."""

pytest_plugins = ["tests.kit.fixtures"]

STACK = os.environ.setdefault("TEST_STACK", "embedded")
_own_var = "" if os.environ.get("VAR_DIR") else tempfile.mkdtemp(prefix="queuesite-tests-")

os.environ["DJANGO_SETTINGS_MODULE"] = "queuesite.settings"
os.environ.setdefault("DEBUG", "1")  # an environment that says this is whole: no settings file is read
os.environ.pop("QUEUESITE_SETTINGS", None)
if _own_var:
    os.environ["VAR_DIR"] = _own_var
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", f"{os.environ['VAR_DIR']}/hypothesis")
if STACK == "embedded":
    for _name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(_name, None)

import django  # noqa: E402 - the environment comes first

django.setup()

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.utils import translation  # noqa: E402

from live import announce  # noqa: E402

if STACK == "embedded":
    # Nobody pulls the plug in a test: waiting for the disk would prove nothing. Servers and workers that tests start
    # have the real settings.
    settings.DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

# What a password costs is Django's matter; here it would be most of the time of some tests.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

# Each new Client would look through all static files first.
settings.WHITENOISE_AUTOREFRESH = True

# All tests draw from one address, in one minute. Those of the limits set their own.
settings.TICKETS_A_MINUTE = dict.fromkeys(settings.TICKETS_A_MINUTE, 1_000_000)


def pytest_report_header() -> str:
    return f"stack: {STACK} ({settings.DATABASES['default']['ENGINE']})"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run need not read files whose tests all belong elsewhere."""
    if not collection_path.match("test_*.py"):
        return None
    return None if _may_belong_here(collection_path.relative_to(config.rootpath).as_posix()) else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to another run."""
    elsewhere = [item for item in items if not _belongs_here(item)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if _belongs_here(item)]


def _may_belong_here(place: str) -> bool:
    """Whether any test of this file may run here."""
    if STACK == "plain":
        return place.startswith(PLAIN_TOO)
    return STACK == "embedded" or place.startswith(BROWSER) == (STACK == "browser")


def _belongs_here(item: pytest.Item) -> bool:
    # A file that pytest is given by name is read, wherever it belongs.
    if not _may_belong_here(item.nodeid):
        return False
    if settings.ENVIRONMENT.plain_ways and item.get_closest_marker("fast_only"):
        return False
    if STACK == "plain":
        return not item.get_closest_marker("embedded")
    return _stack_of(item) in ("embedded" if STACK == "embedded" else "networked", "")


def _stack_of(item: pytest.Item) -> str:
    """The one stack on which this test runs, or "" for both."""
    for stack in ("embedded", "networked"):
        if item.get_closest_marker(stack):
            return stack
    if item.nodeid.startswith(RUN_TWICE):
        return ""
    return next((stack for place, stack in RUN_ONCE.items() if item.nodeid.startswith(place)), "")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """A hub whose last socket has left may still be reading; a table that is read can't be emptied."""
    for thread in threading.enumerate():
        if thread.name.startswith("hub_"):
            thread.join(LAST_READING)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failure: what can't run here must be installed, not passed over."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter is not None else None
    if reporter is not None and skipped:
        reporter.ensure_newline()
        reporter.write_line(f"{len(skipped)} skipped: no test may be skipped.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    if _own_var:
        shutil.rmtree(_own_var, ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page that an earlier test asked for has left its language behind."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _closed_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test loses its change notices to what an earlier one's failing layer has caused."""
    monkeypatch.setattr(announce, "breaker", announce.Breaker())
