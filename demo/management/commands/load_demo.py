"""Loads the demo branch once."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from demo import sample_branch
from queues import actions
from queues.models import Branch, Service


class Command(BaseCommand):
    help = "Loads the demo branch and its users, unless they are there. Only in debug: everybody knows the password."
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is loaded only with DEBUG=true: everybody knows its password.")
        if Branch.objects.filter(slug=sample_branch.SLUG).exists():
            self.stdout.write(f"The demo branch {sample_branch.SLUG} is there already.")
            return
        with transaction.atomic():
            branch = load_branch()
            load_users(branch)
        self.stdout.write(f"Loaded the demo branch {sample_branch.SLUG}.")


def load_branch() -> Branch:
    branch = actions.create_branch(
        sample_branch.SLUG, names=sample_branch.NAMES, opening_hours=sample_branch.OPENING_HOURS
    )
    services: dict[str, Service] = {}
    for service in sample_branch.SERVICES:
        services[service.slug] = actions.create_service(
            branch,
            service.slug,
            names=service.names,
            descriptions=service.descriptions,
            prefix=service.prefix,
            last=service.last,
            is_open=service.is_open,
            closed_note=service.closed_note,
        )
        for names in service.outcomes:
            actions.create_outcome(services[service.slug], names=names)
    desks = {
        desk.name: actions.create_desk(branch, desk.name, services=[services[slug] for slug in desk.services])
        for desk in sample_branch.DESKS
    }
    actions.create_priority_class(branch, names=sample_branch.PRIORITY, head_start=sample_branch.HEAD_START)
    rule = sample_branch.RULE
    helping = [desks[name] for name in rule.desks]
    actions.add_rule(branch, service=services[rule.service], over=rule.over, under=rule.under, desks=helping)
    return branch


def load_users(branch: Branch) -> None:
    """A user whose name exists keeps the password that it has."""
    hashed = make_password(sample_branch.PASSWORD)  # once: a hash takes long on purpose, and here is nothing to hide
    for wanted in sample_branch.USERS:
        user = User.objects.filter(username=wanted.name).first()
        if user is None:
            user = User.objects.create(
                username=wanted.name,
                password=hashed,
                is_staff=wanted.is_superuser,
                is_superuser=wanted.is_superuser,
                first_name=wanted.first_name,
                last_name=wanted.last_name,
            )
        actions.add_member(branch, user, wanted.role, may_call_any=wanted.may_call_any)
