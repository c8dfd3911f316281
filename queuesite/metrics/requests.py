"""Requests and presses, as they are answered."""

from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

registry = CollectorRegistry()
ProcessCollector(registry=registry)

METHODS = ("GET", "HEAD", "POST")
FIRST_REFUSED_STATUS = 400
REQUESTS = Histogram(
    "queuesite_request_seconds",
    "Time to answer a request, by view and method.",
    ["view", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.5, 5),
    registry=registry,
)
PRESSES = Counter(
    "queuesite_presses",
    'Presses by the view that takes them; the outcome is "done", the kind of the refusal, or the status.',
    ["action", "outcome"],
    registry=registry,
)


def count(request: HttpRequest, *, view: str, status: int, refusal: str, seconds: float) -> None:
    """One answered request; `refusal` is the kind of the refusal that it was answered with, or empty."""
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method).observe(seconds)
    if request.method == "POST":
        failure = str(status) if status >= FIRST_REFUSED_STATUS else ""
        PRESSES.labels(view, refusal or failure or "done").inc()
