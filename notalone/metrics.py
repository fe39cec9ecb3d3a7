"""What is counted, for Prometheus. No label ever names a person, a ticket or a conversation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector


class Tally(Collector):
    """A counter with one label that the event loop's thread alone counts: prometheus's own take a lock each
    time, and these are counted with every message."""

    def __init__(self, name: str, meaning: str, label: str, values: Sequence[str]) -> None:
        self._family = (name, meaning, label)
        self._counts = dict.fromkeys(values, 0)
        REGISTRY.register(self)

    def inc(self, value: str) -> None:
        self._counts[value] += 1

    def collect(self) -> Iterable[CounterMetricFamily]:
        name, meaning, label = self._family
        family = CounterMetricFamily(name, meaning, labels=[label])
        for value, count in self._counts.items():
            family.add_metric([value], count)
        yield family


class Spread(Collector):
    """A histogram that the event loop's thread alone fills, as above. ``bounds`` ascend."""

    def __init__(self, name: str, meaning: str, bounds: Sequence[float]) -> None:
        self._family = (name, meaning)
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        REGISTRY.register(self)

    def observe(self, amount: float) -> None:
        self._counts[bisect_left(self._bounds, amount)] += 1
        self._sum += amount

    def collect(self) -> Iterable[HistogramMetricFamily]:
        name, meaning = self._family
        buckets, so_far = [], 0
        for bound, count in zip([*map(str, map(float, self._bounds)), "+Inf"], self._counts, strict=True):
            so_far += count
            buckets.append((bound, so_far))
        family = HistogramMetricFamily(name, meaning)
        family.add_metric([], buckets, self._sum)
        yield family


# Name → meaning; docs/operations.md lists each.
TICKETS = Counter("notalone_tickets", "Tickets opened", ["audience"])
TURNED_AWAY = Counter("notalone_turned_away", "People who were not served, by the reason", ["reason"])
PAIRINGS = Counter("notalone_pairings", "Visitors paired with a counselor", ["audience"])
ENDINGS = Counter("notalone_endings", "Tickets that ended, by the reason told", ["reason"])
MESSAGES = Tally("notalone_messages", "Messages committed", "sender", ("visitor", "counselor", "system"))
FRAMES = Tally("notalone_frames", "Frames received", "side", ("visitor", "staff"))
BAD_FRAMES = Counter("notalone_bad_frames", "Frames refused, by the code that was answered", ["code"])
STORE_FAULTS = Counter(
    "notalone_store_faults", "What a store did not do, by the reason it gave", ["store", "reason"]
)
REBUILDS = Counter("notalone_queue_rebuilds", "Times that this process wrote the queue in Redis anew")
SOCKETS = Gauge("notalone_sockets", "Sockets open in this process", ["side"])
WAITING = Gauge("notalone_waiting", "Visitors waiting, as this process saw last", ["audience", "language"])
COMMIT_SECONDS = Spread(
    "notalone_commit_seconds",
    "Time from handing a message to the committer until it is stored",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
COMMIT_MESSAGES = Histogram(
    "notalone_commit_messages", "Messages stored by one transaction", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)
WAIT_SECONDS = Histogram(
    "notalone_wait_seconds",
    "Time from entry until paired",
    ["audience"],
    buckets=(1, 5, 15, 60, 180, 300, 600, 1200, 1800, 3600, 7200),
)
