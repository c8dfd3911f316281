"""Set-up in the admin: what a form saves, what it must not write back, and what it refuses in words."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.validators import MaxValueValidator
from django.db.models import Model, PositiveIntegerField, PositiveSmallIntegerField
from django.test import Client
from django.urls import reverse

from queues import actions, clock, queries
from queues.models import Branch, BranchEvent, Desk, Membership, Outcome, PriorityClass, Rule, Service, What
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    return client


def form_of(client: Client, page: str) -> dict[str, Any]:
    """What a browser would send back of this form, untouched."""
    form = client.get(page).context["adminform"].form
    fields = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {
        name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) and name != "languages" else value
        for name, value in fields.items()
        if value is not None and value is not False
    }


def change_page(row: Branch | Desk | Membership | Rule | Service) -> str:
    return reverse(f"admin:queues_{row._meta.model_name}_change", args=[row.pk])


def save(client: Client, page: str, fields: dict[str, Any]) -> str:
    answer = client.post(page, fields, follow=True)
    assert answer.status_code == 200
    return text(html(answer))


def test_saving_a_branch_never_sets_its_revision_back(sample: SampleBranch, admin_client: Client) -> None:
    page = change_page(sample.branch)
    fields = form_of(admin_client, page) | {"languages": '["fi", "sv", "en"]', "cool_down": 60}
    actions.pause_all(sample.branch, by=None)
    before = Branch.objects.get(pk=sample.branch.pk)
    assert "was changed successfully" in save(admin_client, page, fields)
    after = Branch.objects.get(pk=sample.branch.pk)
    assert (after.cool_down, after.revision) == (60, before.revision + 1)
    assert after.paused_since == before.paused_since is not None


def test_a_form_writes_only_what_was_changed_in_it(
    sample: SampleBranch, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sits down between the reading of the row and its saving still sits there afterwards."""
    written: list[set[str]] = []
    save_row = Desk.save

    def noting(self: Desk, **options: Any) -> None:
        written.append(set(options["update_fields"]))
        save_row(self, **options)

    monkeypatch.setattr(Desk, "save", noting)
    page = change_page(sample.desk)
    fields = form_of(admin_client, page) | {"services": [sample.passports.pk, sample.payments.pk], "name": "7"}
    assert "was changed successfully" in save(admin_client, page, fields)
    assert written == [{"name"}]
    assert Desk.objects.get(pk=sample.desk.pk).services.count() == 2


def test_a_translated_name_is_saved_in_its_language(sample: SampleBranch, admin_client: Client) -> None:
    page = change_page(sample.passports)
    inline = {"outcomes-TOTAL_FORMS": 1, "outcomes-INITIAL_FORMS": 0, "outcomes-0-name_fi": "Hakemus"}
    inline |= {"outcomes-0-position": 1}
    fields = form_of(admin_client, page) | {"name_sv": "Pass och id-kort"} | inline
    assert "was changed successfully" in save(admin_client, page, fields)
    changed = Service.objects.get(pk=sample.passports.pk)
    assert (changed.name_sv, changed.name_fi) == ("Pass och id-kort", "Passit")  # type: ignore[attr-defined]
    assert Outcome.objects.get().service == sample.passports


def test_a_service_that_somebody_waits_for_is_not_deleted_and_the_page_says_why(
    sample: SampleBranch, admin_client: Client
) -> None:
    """Case 16."""
    factories.waiting(2, sample.passports)
    page = reverse("admin:queues_service_delete", args=[sample.passports.pk])
    for answer in (admin_client.get(page, follow=True), admin_client.post(page, {"post": "yes"}, follow=True)):
        assert answer.redirect_chain == [(change_page(sample.passports), 302)]
        assert "2 visitors are here for Passports" in text(html(answer))
    assert Service.objects.filter(pk=sample.passports.pk).exists()


def test_a_service_that_never_gave_a_number_is_deleted(sample: SampleBranch, admin_client: Client) -> None:
    page = reverse("admin:queues_service_delete", args=[sample.closed.pk])
    before = Branch.objects.get(pk=sample.branch.pk).revision
    assert admin_client.get(page).status_code == 200
    assert "was deleted successfully" in save(admin_client, page, {"post": "yes"})
    assert not Service.objects.filter(pk=sample.closed.pk).exists()
    assert Branch.objects.get(pk=sample.branch.pk).revision > before


def test_services_are_not_deleted_by_the_dozen(sample: SampleBranch, admin_client: Client) -> None:  # noqa: ARG001 - services to list
    assert "delete_selected" not in html(admin_client.get(reverse("admin:queues_service_changelist")))


def test_a_head_start_beyond_the_ceiling_is_refused_in_words(sample: SampleBranch, admin_client: Client) -> None:
    factories.priority(sample.branch, minutes=15)
    page = change_page(sample.desk)
    fields = form_of(admin_client, page) | {"services": [sample.passports.pk], "main_service": sample.passports.pk}
    said = save(admin_client, page, fields | {"main_head_start": 50})
    assert "At most 45 minutes here" in said
    assert "was changed successfully" in save(admin_client, page, fields | {"main_head_start": 45})
    assert Desk.objects.get(pk=sample.desk.pk).main_head_start == 45


def test_a_rule_is_set_up_for_one_branch(sample: SampleBranch, admin_client: Client) -> None:
    page = reverse("admin:queues_rule_add")
    fields = {"branch": sample.branch.pk, "name": "Rush", "service": sample.payments.pk, "over": 15, "under": 5}
    fields |= {"is_on": "on"}
    elsewhere = factories.desk(factories.service())
    assert "of one branch" in save(admin_client, page, fields | {"desks": [elsewhere.pk]})
    assert "was added successfully" in save(admin_client, page, fields | {"desks": [sample.other_desk.pk]})
    rule = Rule.objects.get()
    assert list(rule.desks.all()) == [sample.other_desk]
    change = reverse("admin:queues_rule_change", args=[rule.pk])
    for over in (20, 20, 30):
        save(admin_client, change, fields | {"desks": [sample.other_desk.pk], "over": over})
    logged = BranchEvent.objects.filter(rule=rule.name, by__isnull=False).values_list("what", "words")
    words = "{} min, myös palvelupiste 4 auttaa, kunnes odotus on alle"
    assert [what for what, _words in logged] == [What.RULE_ADDED, What.RULE_CHANGED, What.RULE_CHANGED]
    assert all(words.format(over) in said for over, (_what, said) in zip((15, 20, 30), logged, strict=True))


def test_a_class_beyond_the_ceiling_is_refused_in_words_and_a_lower_ceiling_says_whom_it_holds_back(
    sample: SampleBranch, admin_client: Client
) -> None:
    page = reverse("admin:queues_priorityclass_add")
    fields = {"branch": sample.branch.pk, "name_en": "Families", "name_fi": "Perheet", "name_sv": "Familjer"}
    assert "At most 60 minutes here" in save(admin_client, page, fields | {"head_start": 61})
    assert "was added successfully" in save(admin_client, page, fields | {"head_start": 60})
    factories.priority(sample.branch, minutes=5)
    page = change_page(sample.branch)
    fields = form_of(admin_client, page) | {"languages": '["fi", "sv", "en"]', "head_start_ceiling": 15}
    assert "From now on at most 15 minutes ahead, as all of the branch: Families." in save(admin_client, page, fields)
    assert "minutes ahead" not in save(admin_client, page, fields | {"breath": 7})


def test_a_rule_deleted_in_the_set_up_takes_back_what_it_lent(sample: SampleBranch, admin_client: Client) -> None:
    rule = actions.add_rule(sample.branch, service=sample.payments, over=0, under=0, desks=[sample.other_desk])
    factories.ticket(sample.payments)
    actions.apply_rules()
    assert sample.other_desk.services.filter(pk=sample.payments.pk).exists()
    save(admin_client, reverse("admin:queues_rule_delete", args=[rule.pk]), {"post": "yes"})
    assert not Rule.objects.exists()
    assert not sample.other_desk.services.filter(pk=sample.payments.pk).exists()


@pytest.mark.parametrize("model", ["branchevent", "ticketevent", "ticket", "rule", "membership", "priorityclass"])
def test_every_list_of_the_set_up_opens(model: str, sample: SampleBranch, admin_client: Client) -> None:
    actions.pause_all(sample.branch, by=None)
    actions.resume_all(sample.branch, by=None)
    factories.ticket(sample.passports)
    assert admin_client.get(reverse(f"admin:queues_{model}_changelist")).status_code == 200


def test_who_works_where_is_changed_under_the_branchs_lock(sample: SampleBranch, admin_client: Client) -> None:
    """As `actions.add_member`: saved, made or deleted, the branch's revision grows."""
    membership = sample.clerk.memberships.get(branch=sample.branch)
    before = Branch.objects.get(pk=sample.branch.pk).revision
    page = change_page(membership)
    fields = form_of(admin_client, page) | {"role": "supervisor"}
    assert "was changed successfully" in save(admin_client, page, fields)
    assert Branch.objects.get(pk=sample.branch.pk).revision == before + 1
    added = {"user": factories.user().pk, "branch": sample.branch.pk, "role": "clerk"}
    assert "was added successfully" in save(admin_client, reverse("admin:queues_membership_add"), added)
    assert Branch.objects.get(pk=sample.branch.pk).revision == before + 2
    admin_client.post(reverse("admin:queues_membership_delete", args=[membership.pk]), {"post": "yes"})
    assert Branch.objects.get(pk=sample.branch.pk).revision == before + 3


# The boundary of the day


def boundary(branch: Branch) -> tuple[str, int]:
    branch.refresh_from_db()
    return branch.time_zone, branch.rollover_hour


def test_another_hour_of_the_day_waits_for_its_next_change_once_somebody_has_come(
    sample: SampleBranch, admin_client: Client
) -> None:
    page = change_page(sample.branch)
    fields = form_of(admin_client, page) | {"languages": "fi, sv, en"}
    with clock.standing_at(factories.NOON):
        waiting = factories.ticket(sample.passports)
        said = save(admin_client, page, fields | {"rollover_hour": 17, "time_zone": "America/Los_Angeles"})
        assert "Somebody has come today" in said
        assert boundary(sample.branch) == ("Europe/Helsinki", 4)
        assert queries.line(sample.branch).get() == waiting
    form = admin_client.get(page).context["adminform"].form
    assert (form.initial["rollover_hour"], form.initial["time_zone"]) == (17, "America/Los_Angeles")


def test_where_nobody_has_come_it_takes_effect_at_once(sample: SampleBranch, admin_client: Client) -> None:
    page = change_page(sample.branch)
    fields = form_of(admin_client, page) | {"languages": "fi, sv, en", "rollover_hour": 6}
    assert "Somebody" not in save(admin_client, page, fields)
    assert boundary(sample.branch) == ("Europe/Helsinki", 6)


def test_the_history_names_the_boundary_of_the_day(sample: SampleBranch, admin_client: Client) -> None:
    page = change_page(sample.branch)
    fields = form_of(admin_client, page) | {"languages": "fi, sv, en", "rollover_hour": 6, "cool_down": 60}
    save(admin_client, page, fields)
    (changed,) = json.loads(LogEntry.objects.get().change_message)
    hour, cool_down = "Hour at which a new business day begins", "Seconds before an absent visitor is called again"
    assert changed == {"changed": {"fields": [hour, cool_down]}}


# What belongs to another branch, and what looks alike


def test_a_desk_is_offered_its_own_branchs_services_and_given_no_others(
    sample: SampleBranch, admin_client: Client
) -> None:
    page = change_page(sample.desk)
    foreign = factories.service(factories.branch())
    offered = admin_client.get(page).context["adminform"].form.fields["services"].queryset
    assert set(offered) == {sample.passports, sample.payments, sample.closed}
    fields = form_of(admin_client, page) | {"services": [foreign.pk]}
    assert foreign.pk not in [one.pk for one in offered]
    assert "not one of the available choices" in save(admin_client, page, fields)
    assert foreign not in sample.desk.services.all()


def test_a_new_desk_says_whose_each_service_is_and_refuses_another_branchs(
    sample: SampleBranch, admin_client: Client
) -> None:
    page = reverse("admin:queues_desk_add")
    foreign = factories.service(factories.branch(name_en="Library"), name_en="Loans")
    assert "Library · Loans" in text(html(admin_client.get(page)))
    fields = {"branch": sample.branch.pk, "name": "9", "services": [foreign.pk], "main_head_start": 0}
    assert "A desk serves the services of its own branch." in save(admin_client, page, fields)
    assert not Desk.objects.filter(name="9").exists()


def test_two_services_whose_numbers_would_mix_are_refused(sample: SampleBranch, admin_client: Client) -> None:
    page = change_page(sample.passports)
    fields = form_of(admin_client, page) | {"outcomes-TOTAL_FORMS": 0, "outcomes-INITIAL_FORMS": 0}
    said = save(admin_client, page, fields | {"number_prefix": "B"})
    assert "Payments has this letter, with the numbers 1 to 999." in said
    save(admin_client, page, fields | {"number_prefix": "B", "number_first": 1000, "number_last": 1999})
    sample.passports.refresh_from_db()
    assert (sample.passports.number_prefix, sample.passports.number_first) == ("B", 1000)


@pytest.mark.parametrize("prefix", ["O", "I", "Q", "AO", "QA"])
def test_a_letter_that_looks_like_a_digit_is_refused_and_stays_where_it_is(
    prefix: str, sample: SampleBranch, admin_client: Client
) -> None:
    page = change_page(sample.passports)
    fields = form_of(admin_client, page) | {"outcomes-TOTAL_FORMS": 0, "outcomes-INITIAL_FORMS": 0}
    assert "O, I and Q look like digits." in save(admin_client, page, fields | {"number_prefix": prefix})
    Service.objects.filter(pk=sample.passports.pk).update(number_prefix=prefix)
    save(admin_client, page, fields | {"number_prefix": prefix, "position": 7})
    sample.passports.refresh_from_db()
    assert (sample.passports.number_prefix, sample.passports.position) == (prefix, 7)


@pytest.mark.parametrize("name", ["Piste 1", "TOOLONG", "-", "_", "٣", "3\n", ""])
def test_a_desks_name_is_refused_in_words_and_never_cut(name: str, sample: SampleBranch, admin_client: Client) -> None:
    page = change_page(sample.desk)
    assert 'maxlength="6"' not in html(admin_client.get(page))
    save(admin_client, page, form_of(admin_client, page) | {"name": name})
    sample.desk.refresh_from_db()
    assert sample.desk.name == "3"


def test_an_address_name_stays_once_it_is_set(sample: SampleBranch, admin_client: Client) -> None:
    for row in (sample.branch, sample.passports):
        assert "slug" not in admin_client.get(change_page(row)).context["adminform"].form.fields
    page = reverse("admin:queues_branch_add")
    assert "such as virastotalo-mantta" in save(admin_client, page, {"slug": "Virastotalo Mänttä"})


@pytest.mark.parametrize("languages", ['[["fi"]]', "[{}]", "fi,xx", "fi, fi", "", "null", "{}", "3"])
def test_languages_that_are_none_are_refused_in_words(
    languages: str, sample: SampleBranch, admin_client: Client
) -> None:
    page = change_page(sample.branch)
    refused = save(admin_client, page, form_of(admin_client, page) | {"languages": languages})
    sample.branch.refresh_from_db()
    if languages != '[["fi"]]':  # however it is written, it says Finnish
        assert "Name at least one of these languages" in refused
        assert sample.branch.languages == ["fi", "sv", "en"]


MODELS = [Branch, Service, Desk, Membership, Rule, PriorityClass]


def numbers() -> list[tuple[type[Model], str]]:
    return [
        (model, field.name)
        for model in MODELS
        for field in model._meta.concrete_fields
        if field.editable and isinstance(field, PositiveSmallIntegerField | PositiveIntegerField)
    ]


@pytest.mark.parametrize(("model", "field"), numbers())
def test_every_number_in_set_up_has_its_bounds(model: type[Model], field: str) -> None:
    """SQLite would hold any, and one branch's would stop the clock's work for all."""
    (column,) = (one for one in model._meta.concrete_fields if one.name == field)
    assert any(isinstance(one, MaxValueValidator) and one.limit_value <= 99_999 for one in column.validators)


@pytest.mark.parametrize("value", ["%00", "%FF", "'", "x" * 3000, "-1", "1e9", "99999999999999999999"])
@pytest.mark.parametrize(
    "filters",
    [
        "ticket/?state__exact=",
        "ticket/?business_day__gte=",
        "desk/?branch__id__exact=",
        "service/?is_open__exact=",
        "rule/?q=",
        "branchevent/?what__exact=",
    ],
)
def test_no_filter_of_a_list_can_break_it(filters: str, value: str, admin_client: Client) -> None:
    assert admin_client.get(f"/admin/queues/{filters}{value}").status_code < 500
