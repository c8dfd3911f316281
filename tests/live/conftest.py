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
def _no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrives, arrives by a hint, unless the test wants a pulse."""
    monkeypatch.setattr(hub, "PULSE", NEVER)
    monkeypatch.setattr(hub, "RETRY", 0.01)


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick pulse, a beat with every one, and nothing rendered by time alone."""
    monkeypatch.setattr(hub, "PULSE", 0.01)
    monkeypatch.setattr(hub, "BEAT_EVERY", 1)
    monkeypatch.setattr(hub, "RENEW_EVERY", NEVER)
