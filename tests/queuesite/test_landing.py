"""The front page: every branch, and a door to each of its surfaces for those who may use it."""

import pytest
from django.test import Client

from queues.models import Role
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html

pytestmark = pytest.mark.django_db


def doors(client: Client, surface: str) -> int:
    return html(client.get("/")).count(f'data-surface="{surface}"')


def test_whoever_has_not_signed_in_finds_every_door(sample: SampleBranch) -> None:  # noqa: ARG001 - a branch to list
    assert [doors(Client(), surface) for surface in ("kiosk", "display", "desk", "hall")] == [2, 2, 2, 2]


def test_the_hall_has_a_door_for_those_who_lead_there(sample: SampleBranch, clerk_client: Client) -> None:
    assert (doors(clerk_client, "desk"), doors(clerk_client, "hall")) == (2, 0)
    supervisor = Client()
    supervisor.force_login(factories.clerk(sample.branch, role=Role.SUPERVISOR))
    assert (doors(supervisor, "desk"), doors(supervisor, "hall")) == (2, 1)
