from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from queues import actions
from queues.models import Role
from tests.kit import factories
from tests.kit.commands import manage
from tests.kit.hall_pages import signed_in
from tests.kit.sample_branch import SampleBranch, build_sample_branch


@pytest.fixture(autouse=True, scope="session")
def _collected_files() -> None:
    """WhiteNoise warns where there is no folder for collected files; while debugging there need be none."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAR_DIR with a migrated, empty database, to copy: migrating takes longer than most tests."""
    var = tmp_path_factory.mktemp("migrated")
    done = manage("migrate", "-v0", DEBUG="1", VAR_DIR=str(var))
    assert done.returncode == 0, done.stderr
    return var


@pytest.fixture
def sample() -> SampleBranch:
    return build_sample_branch()


@pytest.fixture
def clerk_client(sample: SampleBranch) -> Client:
    """This branch's clerk, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(sample.clerk)
    return client


@pytest.fixture
def supervisor(sample: SampleBranch) -> User:
    return factories.clerk(sample.branch, role=Role.SUPERVISOR, first_name="Riitta", last_name="M.")


@pytest.fixture
def supervisor_client(supervisor: User) -> Client:
    """This branch's supervisor, in English."""
    return signed_in(supervisor)


@pytest.fixture
def seated(sample: SampleBranch) -> None:
    """Somebody sits at each desk."""
    actions.close_day(sample.branch)
    actions.open_session(sample.desk, by=sample.clerk)
    actions.open_session(sample.other_desk, by=factories.clerk(sample.branch))
