"""What the store can not do."""


class StoreDown(Exception):
    """Redis can not be reached, is too slow, is loading, is full, or takes no writes.

    Whether the command was carried out is not known; every verb is safe to call again.
    """


class QueueLost(Exception):
    """The queue in Redis is gone, or an old copy: rebuild from the database, then try again."""
