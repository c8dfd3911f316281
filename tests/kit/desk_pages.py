"""How a desk's tests press in it, and read it."""

from django.test import Client

from queues.models import Desk
from tests.kit.sample_branch import html, text, value


def press(client: Client, address: str, **fields: object) -> str:
    answer = client.post(address, fields, headers={"hx-request": "true"})
    assert answer.status_code == 200
    return html(answer)


def notice_of(panel: str) -> str:
    return text(panel.split('<div id="notice"')[1].split(">", 1)[1])


def state_of(panel: str) -> tuple[str, str]:
    return value(panel, "data-state"), value(panel, "data-current-number")


def page_of(client: Client, desk: Desk) -> str:
    return html(client.get(f"/desk/{desk.pk}/"))


def line_of(page: str) -> str:
    return text(page.split('class="line"')[1].split('id="presses"', maxsplit=1)[0])
