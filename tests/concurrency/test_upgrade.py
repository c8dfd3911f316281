"""While an upgrade goes on, a page of a new server may ask an old one for its files."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.kit import factories
from tests.kit.browsing import Browser
from tests.kit.commands import manage, run
from tests.kit.crowds import database_url
from tests.kit.servers import HERE, ROOT, Server, running_server, throwaway_redis

pytestmark = [pytest.mark.networked, pytest.mark.django_db(transaction=True)]

NOT_SERVED = (".*", "var", "bench", "tests", "tools", "docs", "secrets", "__pycache__")
PRODUCTION: dict[str, Any] = {"DEBUG": "", "PUBLIC_URL": f"http://{HERE}", "SECRET_KEY": "0123456789" * 5}


@pytest.fixture
def old_and_new(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers with one folder of collected files; those of the new one came when the old one was up."""
    new, var = tmp_path / "new", str(tmp_path / "var")
    shutil.copytree(ROOT, new, ignore=shutil.ignore_patterns(*NOT_SERVED))
    with (new / "static/js/live.js").open("a") as script:
        script.write("// new\n")
    collect = ("collectstatic", "--noinput", "--verbosity", "0")
    assert manage(*collect, VAR_DIR=var, **PRODUCTION).returncode == 0
    (tmp_path / "var/secret").touch()
    with ExitStack() as running:
        redis = running.enter_context(throwaway_redis())
        start = partial(running_server, database_url=database_url(), redis_url=redis.url, VAR_DIR=var, **PRODUCTION)
        old = running.enter_context(start())
        assert run(str(new / "manage.py"), *collect, VAR_DIR=var, **PRODUCTION).returncode == 0
        yield old, running.enter_context(start(source=new))


def test_an_old_server_has_the_files_of_a_new_ones_page_and_finds_no_others(old_and_new: tuple[Server, Server]) -> None:
    old, new = old_and_new
    page = f"/display/{factories.branch().slug}/"

    def script(server: Server) -> str:
        with closing(Browser(server.port)) as browser:
            (address,) = re.findall(r'src="(/static/js/live\.\w+\.js)"', browser.get(page).text)
        return str(address)

    assert script(new) != script(old)
    for server in (old, new):
        with closing(Browser(server.port)) as browser:
            for _time in range(2):
                answer = browser.get(script(new))
                assert (answer.status, answer.text[-7:]) == (HTTPStatus.OK, "// new\n")
            assert browser.get(script(old)).status == HTTPStatus.OK, "an old page, at either"
    for path in (
        "../secret",
        "%2e%2e/secret",
        "js/../../secret",
        "/etc/passwd",
        "js",
        "js/",
        "missing",
        "%00",
        "x" * 5000,
    ):
        assert old.status(f"/static/{path}") == HTTPStatus.NOT_FOUND, path
