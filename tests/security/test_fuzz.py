"""Nonsense at every address and every socket: refused, never a fault. FUZZ=5000 looks for longer, for some minutes;
for longer still, take the tests' time limits away: `-o timeout=0 -o faulthandler_timeout=0`."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import actions
from queuesite.routing import application
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch
from tests.security.people import PEOPLE, person
from tests.security.test_access_matrix import routes

pytestmark = pytest.mark.django_db

HOW_LONG = settings(
    max_examples=int(os.environ.get("FUZZ", "100")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="FUZZ" not in os.environ,
)
FIELDS = (
    "action", "back", "call", "code", "desk", "desks", "held", "helped", "index", "language", "minutes", "name",
    "needs", "next", "note", "number", "on", "outcome", "over", "page", "password", "plan", "priority", "q",
    "quantity", "reason", "returns", "seen", "service", "services", "ticket", "to", "undo", "under", "username",
    "visit", "words",
)  # fmt: skip
HEADERS = ("accept-language", "accept", "cookie", "hx-request", "origin", "referer", "user-agent", "x-request-id")
ODD = ["", "\x00", "0", "-1", "1e9", "9" * 30, "½", "²", "None", "../..", "%00", "' OR 1=1 --", "\ud800", "ä" * 300]
words = st.one_of(st.sampled_from(ODD), st.text(max_size=40))
latin = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)


@pytest.fixture
def world(sample: SampleBranch) -> SampleBranch:
    """Somebody waits, somebody is served, and there is an administrator."""
    actions.open_session(sample.desk, by=sample.clerk)
    factories.waiting(2, sample.passports)
    factories.serving(sample.desk)
    factories.user(username="administrator", is_staff=True, is_superuser=True)
    return sample


def parts_of(sample: SampleBranch, data: st.DataObject, route: str) -> Iterator[str]:
    """The route with each part right as often as odd."""
    right = {"branch": sample.branch.slug, "slug": sample.branch.slug, "language": "en", "desk_id": str(sample.desk.pk)}
    right |= {"visit": "5d34b353-4736-4495-931d-93cebac7c03a", "token": str(sample.branch.tickets.earliest("id").token)}
    for part in route.split("/"):
        if not part.startswith(("<", "(")):
            yield part
            continue
        known = right.get(part.strip("<>").split(":")[-1], "1")
        yield quote(data.draw(st.one_of(st.just(known), words)).encode("utf-8", "surrogatepass"), safe="")


def test_nonsense_at_every_address_is_never_a_fault(world: SampleBranch) -> None:
    every = sorted({route for route, _name in routes()})
    clients = {name: person(name, world) for name in PEOPLE}
    administrator = Client()
    administrator.force_login(get_user_model().objects.get(username="administrator"))
    statuses: set[int] = set()

    @HOW_LONG
    @given(st.data())
    def try_one(data: st.DataObject) -> None:
        where = "/" + "/".join(parts_of(world, data, data.draw(st.sampled_from(every))))
        method = data.draw(st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT"]))
        who = data.draw(st.sampled_from([*PEOPLE, "administrator"]))
        form = data.draw(st.dictionaries(st.one_of(st.sampled_from(FIELDS), words), words, max_size=6))
        headers = data.draw(st.dictionaries(st.sampled_from(HEADERS), latin, max_size=3))
        client = administrator if who == "administrator" else clients[who].client()
        with transaction.atomic():
            statuses.add(client.generic(method, where, **body(form, method), headers=headers).status_code)
            transaction.set_rollback(True)

    try_one()
    assert max(statuses) < 500, statuses


def body(form: dict[str, str], method: str) -> dict[str, Any]:
    text = urlencode(form, errors="replace")
    if method in ("GET", "HEAD"):
        return {"QUERY_STRING": text}
    return {"data": text, "content_type": "application/x-www-form-urlencoded"}


@pytest.mark.django_db(transaction=True)
def test_nonsense_at_every_socket_is_never_a_fault(world: SampleBranch) -> None:
    paths = ["display", "kiosk", "hall", "t", "desk", "nothing"]
    token = str(world.branch.tickets.earliest("id").token)
    names = [world.branch.slug, str(world.desk.pk), token, "%00", "ä", "1" * 40]

    @settings(HOW_LONG, max_examples=HOW_LONG.max_examples // 5)
    @given(
        st.sampled_from(paths),
        st.one_of(st.sampled_from(names), words),
        words,
        st.dictionaries(st.sampled_from(HEADERS), latin, max_size=3),
        st.lists(st.one_of(words, st.sampled_from(['{"key": 1}', "[]", '{"key": "x"}', "[" * 600])), max_size=3),
    )
    def try_one(path: str, name: str, query: str, headers: dict[str, str], said: list[str]) -> None:
        async_to_sync(scene)(path, name, query, headers, said)

    async def scene(path: str, name: str, query: str, headers: dict[str, str], said: list[str]) -> None:
        raw = [(key.encode(), value.encode("latin1")) for key, value in headers.items()]
        asked = quote(query.encode("utf-8", "surrogatepass"))
        where = f"/ws/{path}/{quote(name.encode('utf-8', 'surrogatepass'), safe='%')}/?language={asked}&page={asked}"
        socket = WebsocketCommunicator(application, where, headers=raw)
        connected, _code = await socket.connect(timeout=10)
        if connected:
            for text in said:
                await socket.send_to(text_data=text)
        await socket.disconnect(timeout=10)

    try_one()
