"""What both servers do when they are told to end: say goodbye, store what is under way, then go."""

from __future__ import annotations

import asyncio
import logging
import os
import threading

logger = logging.getLogger(__name__)

DRAIN_WITHIN_S = 22.0
EXIT_WITHIN_S = 29.0


async def drain() -> None:
    """Turn readiness off, tell every socket that this process goes away, commit what is under way.

    Never raises and never lasts longer than its time: the process ends whatever happens.
    """
    from chat import runtime

    logger.info("going away")
    try:
        async with asyncio.timeout(DRAIN_WITHIN_S):
            await runtime.drain()
    except TimeoutError:
        logger.warning("the drain did not end within %d s", int(DRAIN_WITHIN_S))
    except Exception:  # a store that is down must not keep the process
        logger.exception("the drain failed")


def end_in_any_case() -> None:
    """End this process after a while even if a thread hangs: a balancer counts on it."""
    timer = threading.Timer(EXIT_WITHIN_S, os._exit, args=(1,))
    timer.daemon = True
    timer.start()


def end_now() -> None:
    """End at once, as after a second signal."""
    os._exit(1)
