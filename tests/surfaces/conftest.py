import pytest
from django.conf import settings
from django.test import Client

from tests.surfaces.town import Town, build_town


@pytest.fixture(autouse=True, scope="session")
def _collected_files() -> None:
    """WhiteNoise warns where there is no folder for collected files; while debugging there need be none."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def town() -> Town:
    return build_town()


@pytest.fixture
def clerk_client(town: Town) -> Client:
    """This branch's clerk, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.clerk)
    return client
