"""Where a request comes from: for the limit on entries, and for nothing else."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Give the client's address as the outermost trusted proxy saw it, or nothing when it is unknown.

    ``TRUSTED_PROXIES`` is the number of proxies in front; what a client writes into the header
    itself stands further left and is not read.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    count: int = settings.TRUSTED_PROXIES
    if not count:
        return peer
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return seen[-count] if len(seen) >= count else peer
