"""The demo branch, and its commands."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from accounts.models import User
from demo import sample_branch
from queues.models import Branch, Desk

pytestmark = pytest.mark.django_db


def load() -> str:
    said = StringIO()
    call_command("load_demo", stdout=said)
    return said.getvalue()


@pytest.fixture(autouse=True)
def _debug(settings: LazySettings) -> None:
    settings.DEBUG = True


def test_every_service_has_its_words_in_each_language_and_a_desk() -> None:
    load()
    branch = Branch.objects.get(slug=sample_branch.SLUG)
    services = list(branch.services.all())
    assert len(services) >= 6
    assert len({service.number_prefix for service in services}) == len(services)
    for service in services:
        assert service.desks.exists()
        for code in branch.languages:
            assert getattr(service, f"name_{code}")
            assert getattr(service, f"description_{code}")


def test_one_service_is_closed_and_says_when_it_opens() -> None:
    load()
    closed = Branch.objects.get(slug=sample_branch.SLUG).services.get(is_open=False)
    assert closed.closed_note == "Avataan tiistaina klo 10."


def test_five_desks_serve_different_services() -> None:
    load()
    served = {frozenset(desk.services.values_list("slug", flat=True)) for desk in Desk.objects.all()}
    assert len(served) == 5


def test_everybody_signs_in_with_the_demo_password() -> None:
    load()
    for name in ("clerk1", "clerk5", "supervisor", "admin"):
        assert User.objects.get(username=name).check_password("queue-demo")
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]


def test_twice_is_once() -> None:
    load()
    before = (Branch.objects.get().revision, Desk.objects.count(), User.objects.count())
    assert "is there already" in load()
    assert (Branch.objects.get().revision, Desk.objects.count(), User.objects.count()) == before


def test_outside_debug_it_is_refused(settings: LazySettings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only with DEBUG=true"):
        load()
    with pytest.raises(CommandError, match="only with DEBUG=true"):
        call_command("simulate")
    assert not User.objects.exists()


@pytest.mark.parametrize("words", [["--branch", "nowhere"], ["--speed", "0"]])
def test_a_simulation_of_nothing_is_refused_in_one_line(words: list[str]) -> None:
    load()
    with pytest.raises(CommandError):
        call_command("simulate", *words)


def test_the_demo_has_a_taste_of_everything_a_branch_may_set_up() -> None:
    load()
    branch = Branch.objects.get(slug=sample_branch.SLUG)
    assert branch.services.filter(outcomes__isnull=False).distinct().count() == 2
    assert [(one.name_sv, one.head_start) for one in branch.priority_classes.all()] == [("Barnfamiljer", 15)]  # type: ignore[attr-defined]
    rule = branch.rules.get()
    assert (rule.service.slug, rule.over, rule.under) == ("housing", 15, 5)
    assert not rule.desks.filter(services=rule.service).exists()
    assert User.objects.get(username="clerk1").shown_name == "Aino K."
    assert list(branch.memberships.filter(may_call_any=True).values_list("user__username", flat=True)) == ["clerk3"]
