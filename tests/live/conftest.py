from collections.abc import Iterator

import pytest

from live import hub
from live import source as registry
from tests.live.fakes import FakeSource

NEVER = 10_000


@pytest.fixture
def truth() -> Iterator[FakeSource]:
    """What the hub of this test reads, in place of the database."""
    real, fake = registry.source(), FakeSource()
    registry.register(fake)
    yield fake
    registry.register(real)


@pytest.fixture(autouse=True)
def _no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrives, arrives by a change notice, unless the test wants polls."""
    monkeypatch.setattr(hub, "POLL_INTERVAL", NEVER)
    monkeypatch.setattr(hub, "RETRY", 0.01)


@pytest.fixture
def quick_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick polls, a heartbeat with every one, and nothing rendered by time alone."""
    monkeypatch.setattr(hub, "POLL_INTERVAL", 0.01)
    monkeypatch.setattr(hub, "HEARTBEAT_EVERY", 1)
    monkeypatch.setattr(hub, "RENEW_EVERY", NEVER)
