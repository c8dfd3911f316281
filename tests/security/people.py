"""Who may come to a door, and what each brings along."""

from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client

from accounts.models import User
from queues.models import Role
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch

PEOPLE = ("nobody", "visitor", "device", "clerk", "elsewhere", "supervisor", "manager")
"""`visitor` holds the link of a ticket, `device` is a kiosk that has just drawn it; the last four have signed in: a
clerk, supervisor and manager of this branch, and a manager of another one."""
HOLDS_THE_LINK = ("visitor", "device")


@dataclass
class Person:
    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    def client(self) -> Client:
        client = Client(headers={"accept-language": "en"}, raise_request_exception=True)
        for name, value in self.cookies.items():
            client.cookies[name] = value
        return client


def user_called(name: str, sample: SampleBranch) -> User | None:
    if name == "clerk":
        return sample.clerk
    if name == "elsewhere":
        return factories.clerk(factories.branch(), role=Role.MANAGER)
    if name in ("supervisor", "manager"):
        return factories.clerk(sample.branch, role=Role(name))
    return None


def person(name: str, sample: SampleBranch) -> Person:
    if name == "device":
        return Person(name, {"kiosk": "AAAAAAAAAAAA"})
    user = user_called(name, sample)
    if user is None:
        return Person(name)
    client = Client()
    client.force_login(user)
    return Person(name, {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value})
