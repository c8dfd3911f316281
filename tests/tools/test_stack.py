"""The runner's own promises."""

import pytest

from tools import stack

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [([0, 0], 0), ([0, 5], 0), ([5, 0], 0), ([5, 5], 5), ([1, 0], 1), ([0, 2], 2), ([5, 1], 1)],
)
def test_a_run_passes_when_some_test_passed_and_none_failed(outcomes: list[int], code: int) -> None:
    assert stack.verdict(outcomes) == code


def test_what_is_missing_and_may_not_be_installed_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find_program", lambda *_names, **_places: None)
    assert stack.install_missing() == (
        "The tests need postgresql, redis-server, chromium-headless-shell, docker-compose. "
        "Install with: sudo apt-get install postgresql redis-server chromium-headless-shell docker-compose"
    )


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "missing_packages", lambda _programs: [])
    monkeypatch.setattr(stack, "_allowed_apt", lambda: pytest.fail("asked for apt"))
    assert stack.install_missing() == ""
