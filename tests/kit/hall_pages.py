"""How the hall's tests open it, press in it, and read it."""

import re
from datetime import timedelta

from django.test import Client

from accounts.models import User
from tests.kit.sample_branch import SampleBranch, html, text

MINUTE = timedelta(minutes=1)


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def address(sample: SampleBranch, rest: str = "") -> str:
    return f"/hall/{sample.branch.slug}/{rest}"


def hall(client: Client, sample: SampleBranch) -> str:
    answer = client.get(address(sample))
    assert answer.status_code == 200
    return html(answer)


def press(client: Client, sample: SampleBranch, rest: str, **fields: object) -> str:
    answer = client.post(address(sample, rest), fields, headers={"hx-request": "true"})
    assert answer.status_code == 200
    return html(answer)


def said(answer: str) -> str:
    return text(answer.split('<div id="notice"')[1].split(">", 1)[1])


def row(page: str, name: str, hook: str = "data-service-row") -> str:
    found = re.search(rf'<tr {hook}="{name}".*?</tr>', page, re.DOTALL)
    assert found
    return found.group()


def cell(part: str, name: str) -> str:
    found = re.search(rf"<td[^>]* {name}[^>]*>(.*?)</td>", part, re.DOTALL)
    assert found
    return text(found.group(1))
