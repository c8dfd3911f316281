"""Fast paths through other libraries' insides: each is tried at the start, and can be switched off."""

import re
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.fixtures import Settings

from queuesite import fast_paths
from queuesite.fast_paths import PATHS, FastPath
from tests.conftest import PLAIN_TOO
from tests.kit.commands import run
from tests.kit.servers import ROOT


@pytest.mark.parametrize("name", PATHS)
def test_the_pinned_releases_are_as_each_path_expects(name: str) -> None:
    path = import_module(PATHS[name].module)
    path.self_test()
    path.self_test()


@pytest.mark.parametrize("name", PATHS)
def test_each_path_has_its_row_for_whoever_upgrades(name: str) -> None:
    page = (ROOT / "docs" / "upgrading.md").read_text()
    module = PATHS[name].module.replace(".", "/")
    assert re.search(rf"^\| `{name}` \| `{module}\.py` \|", page, re.MULTILINE)


def test_what_runs_on_the_plain_ways_is_there() -> None:
    assert [place for place in PLAIN_TOO if not (ROOT / place).exists()] == []


def test_each_reach_for_a_private_name_is_listed() -> None:
    page = (ROOT / "docs" / "upgrading.md").read_text()
    files = [path for room in settings.ROOMS for path in (ROOT / room).rglob("*.py") if "SLF001" in path.read_text()]
    assert [path for path in files if f"`{path.relative_to(ROOT)}`" not in page] == []


class Path(SimpleNamespace):
    """The module of a made-up path, which remembers what was asked of it."""

    def __init__(self, trouble: Exception | None = None) -> None:
        super().__init__(asked=[], trouble=trouble)

    def self_test(self) -> None:
        self.asked.append("self_test")
        if self.trouble:
            raise self.trouble

    def enable(self) -> None:
        self.asked.append("enable")


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Modules that a made-up registry names: `sound`, and `broken`, which is tried under Daphne and fails."""
    modules = {"sound": Path(), "broken": Path(AttributeError("no such inside"))}
    paths = {
        "sound": FastPath("sound"),
        "broken": FastPath("broken", under_daphne=True, without="Mind the gap."),
        "gone": FastPath("queuesite.no_such_module"),
    }
    monkeypatch.setattr(fast_paths, "PATHS", paths)
    monkeypatch.setattr(fast_paths, "taken", {})
    monkeypatch.setattr(fast_paths, "import_module", lambda name: modules.get(name) or import_module(name))
    return modules


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_path_is_taken_once_it_has_passed_its_self_test(made_up: dict[str, Path]) -> None:
    fast_paths.enable(under_daphne=False)
    assert made_up["sound"].asked == ["self_test", "enable"]
    assert made_up["broken"].asked == []
    assert fast_paths.taken == {"sound": True, "gone": False}


def test_a_path_that_fails_its_self_test_is_left_with_one_line(
    made_up: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    fast_paths.enable(under_daphne=True)
    assert made_up["broken"].asked == ["self_test"]
    line = "The fast path broken is off: AttributeError, no such inside. Mind the gap."
    assert said(caplog) == [("WARNING", line)]


def test_a_path_whose_module_cannot_be_imported_is_left_with_one_line(
    made_up: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    fast_paths.enable(under_daphne=False)
    line = "The fast path gone is off: ModuleNotFoundError, No module named 'queuesite.no_such_module'."
    assert made_up
    assert said(caplog) == [("WARNING", line)]


def test_a_path_that_is_switched_off_is_not_touched(
    made_up: dict[str, Path], caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, plain_ways=frozenset({"sound", "broken", "gone"}))
    fast_paths.enable(under_daphne=False)
    fast_paths.enable(under_daphne=True)
    assert [module.asked for module in made_up.values()] == [[], []]
    assert fast_paths.taken == {"sound": False, "gone": False, "broken": False}
    assert said(caplog) == [("WARNING", "The fast path broken is off: PLAIN_WAYS names it. Mind the gap.")]


@pytest.mark.django_db
def test_prometheus_is_told_which_paths_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, is_fast in (("timestamps", True), ("daphne_limits", False)):
        monkeypatch.setitem(fast_paths.taken, name, is_fast)
    page = Client(headers={"host": "localhost"}, REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'queuesite_fast_path{path="timestamps"} 1.0\n' in page
    assert 'queuesite_fast_path{path="daphne_limits"} 0.0\n' in page


STARTED = "import queuesite.asgi; from queuesite.fast_paths import taken; print(taken)"


def test_a_server_takes_all_of_them(tmp_path: object) -> None:
    started = run("-c", STARTED, DEBUG="1", VAR_DIR=str(tmp_path), PLAIN_WAYS="")
    assert (eval(started.stdout), started.stderr) == (dict.fromkeys(PATHS, True), "")


def test_a_server_starts_on_the_plain_ways_and_says_what_the_proxy_must_do(tmp_path: object) -> None:
    started = run("-c", STARTED, DEBUG="1", VAR_DIR=str(tmp_path), PLAIN_WAYS="all")
    assert eval(started.stdout) == dict.fromkeys(PATHS, False)
    assert "The fast path daphne_limits is off: PLAIN_WAYS names it. A proxy in front must limit" in started.stderr
    assert started.stderr.count("\n") == 1


CHANGED_INSIDE = (
    {
        "compiled_queries": "import django.db.models.query as inside; del inside.get_related_populators",
        "daphne_limits": "from daphne.http_protocol import WebRequest; WebRequest.gotLength = print",
        "handshake_log": "from autobahn.websocket import protocol as inside; inside.pformat = repr",
        "redis_publish": (
            "from channels_redis.pubsub import RedisPubSubLoopLayer as it; it._get_group_channel_name = repr"
        ),
        "timestamps": "import django.db.backends.postgresql.psycopg_any as inside; del inside.BaseTzLoader",
        "websocket_fast_path": "from daphne.ws_protocol import WebSocketProtocol as it; it.muted = True",
    },
    {
        "compiled_queries": "import django.db.models.query as inside; del inside.ValuesListIterable",
        "daphne_limits": "from autobahn.websocket.protocol import WebSocketProtocol as it; it.sendMessage = lambda: 0",
        "websocket_fast_path": "from twisted.internet.tcp import Connection as inside; del inside.getHandle",
    },
)
"""What a release may change, by the path that it breaks: each set in one start of a server."""


@pytest.mark.parametrize("changed", CHANGED_INSIDE)
def test_libraries_that_have_changed_inside_stop_nothing(changed: dict[str, str], tmp_path: object) -> None:
    code = "\n".join([*changed.values(), STARTED])
    started = run("-c", code, DEBUG="1", VAR_DIR=str(tmp_path), PLAIN_WAYS="")
    assert eval(started.stdout) == dict.fromkeys(PATHS, True) | dict.fromkeys(changed, False)
    assert started.stderr.count("\n") == len(changed)
    for path in changed:
        assert f"WARNING queuesite.fast_paths: The fast path {path} is off: " in started.stderr
