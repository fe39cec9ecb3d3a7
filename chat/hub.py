"""Process-wide fan-out: listeners of this process first, the other processes through Redis.

A topic is one Redis channel, subscribed while this process listens to it. What is published
waits in a list and goes out as one command, so a burst costs one round trip; it is sealed on the way,
so Redis, its slow log and its monitors see no word. Everything is a hint: when Redis is away the batch
is dropped, and the readers catch up from the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import redis.asyncio
from redis.exceptions import RedisError

from chat.events import AnyEvent
from chat.sealing import SealBroken, open_event, seal_event
from chat.store.errors import StoreDown
from chat.store.keys import Keys
from chat.store.scripts import run
from chat.tasks import end_tasks

logger = logging.getLogger(__name__)

Listener = Callable[[AnyEvent], None]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, AnyEvent]).decode
_MAX_UNSENT = 10_000


class Hub:
    """Deliver events by topic. ``linked`` tells whether Redis is heard now."""

    def __init__(self, client: redis.asyncio.Redis, namespace: str) -> None:
        self._redis = client
        self._tag = Keys(namespace).tag
        self._prefix = f"{{{namespace}}}:ev:"
        self._process = secrets.token_hex(4)
        self._own_channel = f"{self._prefix}process:{self._process}"
        self._listeners: dict[str, set[Listener]] = {}
        self._unsent: list[tuple[str, AnyEvent]] = []
        self._wishes: set[str] = set()
        self._has_wishes = asyncio.Event()
        self._has_unsent = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.linked = False
        self.on_relinked: Callable[[], None] = lambda: None

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._publish_forever()),
            asyncio.create_task(self._hear_forever()),
        ]

    async def stop(self) -> None:
        await end_tasks(self._tasks)
        self._tasks = []

    def subscribe(self, topic: str, listener: Listener) -> None:
        listeners = self._listeners.setdefault(topic, set())
        if not listeners:
            self._wish(topic)
        listeners.add(listener)

    def unsubscribe(self, topic: str, listener: Listener) -> None:
        listeners = self._listeners.get(topic)
        if listeners is None:
            return
        listeners.discard(listener)
        if not listeners:
            del self._listeners[topic]
            self._wish(topic)

    def _wish(self, topic: str) -> None:
        self._wishes.add(topic)
        self._has_wishes.set()

    def publish(self, topic: str, event: AnyEvent) -> None:
        """Deliver here at once, and to the other processes with the next batch."""
        self.deliver(topic, event)
        if len(self._unsent) < _MAX_UNSENT:
            self._unsent.append((topic, event))
            self._has_unsent.set()

    def deliver(self, topic: str, event: AnyEvent) -> None:
        """Deliver to the listeners of this process alone."""
        for listener in tuple(self._listeners.get(topic, ())):
            try:
                listener(event)
            except Exception:  # one socket's fault must not keep the event from the others
                logger.exception("a listener failed on %s", type(event).__name__)

    async def _publish_forever(self) -> None:
        while True:
            await self._has_unsent.wait()
            self._has_unsent.clear()
            batch, self._unsent = self._unsent, []
            if not batch:
                continue
            words: list[str] = []
            for topic, event in batch:
                words += (self._prefix + topic, seal_event(_encode((self._process, event))))
            try:
                await run(self._redis, "events_publish", self._tag, *words)
            except Exception as error:  # whatever it was, the next batch goes out
                is_expected = isinstance(error, StoreDown)
                logger.warning(
                    "%d events did not reach the other processes", len(batch), exc_info=not is_expected
                )
                await asyncio.sleep(0.2)

    async def _hear_forever(self) -> None:
        pause = 0.1
        while True:
            pubsub = self._redis.pubsub()
            try:
                self._wishes = set()
                await pubsub.subscribe(self._own_channel, *(self._prefix + t for t in self._listeners))
                await self._hear(pubsub)
            except Exception as error:  # a client library's own faults too: this process must hear again
                if not isinstance(error, RedisError | OSError):
                    logger.warning("the hub connects anew", exc_info=True)
                self.linked = False
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                pause = 0.1
            finally:
                with contextlib.suppress(Exception):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped

    async def _hear(self, pubsub: Any) -> None:
        follower = asyncio.create_task(self._follow_wishes(pubsub))
        try:
            while not follower.done():
                message = await pubsub.get_message(ignore_subscribe_messages=False, timeout=1.0)
                if message is None:
                    continue
                # said once a connection, also when the library has made a new one without a word
                if message["type"] == "subscribe" and message["channel"] == self._own_channel:
                    self.linked = True
                    self.on_relinked()
                if message["type"] == "message":
                    self._receive(message)
            follower.result()
        finally:
            await end_tasks([follower])

    async def _follow_wishes(self, pubsub: Any) -> None:
        """Subscribe and unsubscribe as the listeners come and go, while ``_hear`` reads."""
        while True:
            await self._has_wishes.wait()
            self._has_wishes.clear()
            wishes, self._wishes = self._wishes, set()
            add = [self._prefix + topic for topic in wishes if topic in self._listeners]
            drop = [self._prefix + topic for topic in wishes if topic not in self._listeners]
            if add:
                await pubsub.subscribe(*add)
            if drop:
                await pubsub.unsubscribe(*drop)

    def _receive(self, message: dict[str, Any]) -> None:
        topic = message["channel"].removeprefix(self._prefix)
        try:
            process, event = _decode(open_event(message["data"]))
        except (msgspec.MsgspecError, SealBroken):
            logger.warning("an event of another version was passed over")
            return
        if process != self._process:
            self.deliver(topic, event)
