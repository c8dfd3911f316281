"""Package scope, not session: while Playwright runs, this thread has an event loop, and other tests start their own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.system import SOUND_ALLOWED, Browsers, Servers, System, start_browser
from tests.conftest import STACK
from tests.kit.crowds import database_url
from tests.kit.sample_branch import build_sample_branch
from tests.kit.servers import running_server, throwaway_redis


@pytest.fixture(scope="package")
def servers(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Servers]:  # noqa: ARG001
    with ExitStack() as running:
        if STACK == "embedded":
            only = running.enter_context(running_server(database_url=database_url()))
            yield Servers(only, only)
            return
        redis = running.enter_context(throwaway_redis())
        # Here a Redis is killed, and channels_redis writes its traceback.
        stores = {"database_url": database_url(), "redis_url": redis.url}
        lobby, office = (running.enter_context(running_server(**stores, expects_errors=True)) for _ in range(2))
        yield Servers(lobby, office, redis)


@pytest.fixture(scope="package")
def browsers() -> Iterator[Browsers]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's event loop is in this thread, but nothing here is called from a coroutine.
        environment.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield Browsers(start_browser(playwright), start_browser(playwright, SOUND_ALLOWED))


@pytest.fixture
def system(transactional_db: None, servers: Servers, browsers: Browsers) -> Iterator[System]:  # noqa: ARG001
    made = System(servers, browsers, build_sample_branch())
    yield made
    made.close()
    assert made.trouble == []
