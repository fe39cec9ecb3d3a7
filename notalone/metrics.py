"""What is counted, for Prometheus. No label ever names a person, a ticket or a conversation."""

from prometheus_client import Counter, Gauge, Histogram

# Name → meaning; docs/operations.md lists each.
TICKETS = Counter("notalone_tickets", "Tickets opened", ["audience"])
TURNED_AWAY = Counter("notalone_turned_away", "People who were not served, by the reason", ["reason"])
PAIRINGS = Counter("notalone_pairings", "Visitors paired with a counselor", ["audience"])
ENDINGS = Counter("notalone_endings", "Tickets that ended, by the reason told", ["reason"])
MESSAGES = Counter("notalone_messages", "Messages committed", ["sender"])
FRAMES = Counter("notalone_frames", "Frames received", ["side"])
BAD_FRAMES = Counter("notalone_bad_frames", "Frames refused, by the code that was answered", ["code"])
STORE_FAULTS = Counter(
    "notalone_store_faults", "What a store did not do, by the reason it gave", ["store", "reason"]
)
REBUILDS = Counter("notalone_queue_rebuilds", "Times that this process wrote the queue in Redis anew")
SOCKETS = Gauge("notalone_sockets", "Sockets open in this process", ["side"])
WAITING = Gauge("notalone_waiting", "Visitors waiting, as this process saw last", ["audience", "language"])
COMMIT_SECONDS = Histogram(
    "notalone_commit_seconds",
    "Time from handing a message to the committer until it is stored",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
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
