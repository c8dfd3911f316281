"""What is true at the moment in which Prometheus asks: of this process's relay, and of all branches."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from live.announce import breaker
from live.counters import BOUNDS, counters
from live.hub import stamps
from queues import clock
from queues.queries import monitoring
from queues.topics import branch_topic
from queuesite.fast_paths import taken


class Relay(Collector):
    """The relay of this process. Asks nobody."""

    def collect(self) -> Iterator[Metric]:
        yield _labelled(
            GaugeMetricFamily, "build_info", "The build that runs; always 1.", "build", [(settings.BUILD, 1)]
        )
        fast = sorted((name, int(is_fast)) for name, is_fast in taken.items())
        yield _labelled(
            GaugeMetricFamily, "fast_path", "1 where the fast path is taken, 0 for the plain way.", "path", fast
        )
        sockets = sorted(counters.sockets.items())
        yield _labelled(GaugeMetricFamily, "sockets", "Open sockets by audience.", "audience", sockets)
        yield _counter("sockets_refused", "Sockets refused.", counters.refused_sockets)
        yield _counter("frames", "Frames handed to sockets.", counters.frames)
        yield _counter("beats", "Heartbeats handed to sockets.", counters.heartbeats)
        yield _counter("hints_failed", "Change notices that the channel layer did not take.", counters.notices_failed)
        yield _counter("hints_withheld", "Change notices not tried, the breaker being open.", counters.notices_withheld)
        yield _gauge("breaker_open", "1 while change notices are withheld after a failure.", int(breaker.is_open))
        cumulative = itertools.accumulate(counters.notices.within)
        buckets = list(zip([*map(str, BOUNDS), "+Inf"], cumulative, strict=True))
        yield HistogramMetricFamily(
            "queuesite_hint_seconds",
            "Time the channel layer took to take a change notice.",
            buckets,
            counters.notices.seconds,
        )


class Branches(Collector):
    """All branches, in three queries. Where the database doesn't answer, they say that and no more."""

    def collect(self) -> Iterator[Metric]:
        try:
            lines, last_round = monitoring.lines(), monitoring.last_round()
        except DatabaseError:
            yield _gauge("database_up", "1 when the database answered.", 0)
            return
        now = clock.now()
        yield _gauge("database_up", "1 when the database answered.", 1)
        yield from _lines(lines, now)
        yield from _shown(lines, now)
        if last_round is not None:
            age = (now - last_round).total_seconds()
            yield _gauge("clockwork_age_seconds", "Time since the clockwork last said that it lives.", age)


def _lines(lines: Iterable[monitoring.Line], now: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("queuesite_waiting", "Visitors who wait.", labels=["branch", "service"])
    longest = GaugeMetricFamily(
        "queuesite_longest_wait_seconds", "The longest wait of those who wait now.", labels=["branch", "service"]
    )
    for line in lines:
        waiting.add_metric([line.branch, line.service], line.waiting)
        since = line.waiting_since or now
        longest.add_metric([line.branch, line.service], (now - since).total_seconds())
    yield from (waiting, longest)


def _shown(lines: Iterable[monitoring.Line], now: datetime) -> Iterator[Metric]:
    """How far this process's screens are behind. A change that is just about to be shown counts, too: only a lag that
    stays is one."""
    lag = GaugeMetricFamily(
        "queuesite_revision_lag", "Revisions by which this process's screens are behind.", labels=["branch"]
    )
    age = GaugeMetricFamily(
        "queuesite_view_age_seconds", "Since this process's screens were last known to be right.", labels=["branch"]
    )
    shown = stamps()
    for slug, (branch_id, revision) in {line.branch: (line.branch_id, line.revision) for line in lines}.items():
        stamp = shown.get(branch_topic(branch_id))
        if stamp is not None:
            lag.add_metric([slug], max(0, revision - stamp.rev))
            age.add_metric([slug], max(0.0, now.timestamp() - stamp.at / 1000))
    yield from (lag, age)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"queuesite_{name}", what, value=value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"queuesite_{name}", what, value=value)


def _labelled(
    family: type[GaugeMetricFamily], name: str, what: str, label: str, values: Iterable[tuple[str, float]]
) -> Metric:
    metric = family(f"queuesite_{name}", what, labels=[label])
    for value, amount in values:
        metric.add_metric([value], amount)
    return metric
