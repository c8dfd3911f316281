import pytest

from queues import actions
from tests.kit import factories


@pytest.fixture(autouse=True)
def _the_desks_are_served(request: pytest.FixtureRequest) -> None:
    if "sample" in request.fixturenames:
        sample = request.getfixturevalue("sample")
        actions.open_session(sample.desk, by=sample.clerk)
        actions.open_session(sample.other_desk, by=factories.clerk(sample.branch))
