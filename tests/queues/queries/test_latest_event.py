"""What was done at a desk last is found at once, however much was done elsewhere since."""

import pytest
from django.db import connection
from django.db.models import OuterRef, Subquery

from queues import queries
from queues.models import Desk, TicketEvent
from queues.states import State
from tests.kit import factories

EVENTS = 20_000


@pytest.mark.networked
@pytest.mark.django_db
def test_nobody_goes_back_through_everybodys_events() -> None:
    service = factories.service()
    busy = [factories.desk(service, name=str(number)) for number in range(5)]
    factories.desk(service, name="empty")
    ticket = factories.ticket(service)
    TicketEvent.objects.bulk_create(
        TicketEvent(ticket=ticket, to_state=State.WAITING, service=service, at=ticket.due_at, desk=busy[number % 5])
        for number in range(EVENTS)
    )
    with connection.cursor() as sql:
        sql.execute("ANALYZE")
    last = Desk.objects.annotate(last=Subquery(queries.latest_first(OuterRef("pk")).values("pk")[:1]))
    plan = last.explain(analyze=True)
    assert "event_of_desk" in plan
    assert "Rows Removed by Filter" not in plan
