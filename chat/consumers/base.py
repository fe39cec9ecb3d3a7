"""What both kinds of socket share: handshake, hello, the receive loop, limits, and orderly sending.

A Channels consumer with a receive loop of its own: the generic one looks for old database
connections in a thread at every frame, which costs more than the rest of a message's way. What can be
handled without waiting is handled as our own servers read it, and the loop's task sleeps on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from channels.consumer import AsyncConsumer
from django.conf import settings

from chat import runtime
from chat.consumers.frames import is_too_big, ref_of
from chat.consumers.life import Ended, Life
from chat.consumers.origin import Origin, judge_origin
from chat.consumers.outbox import Outbox
from chat.consumers.rates import Rate
from chat.protocol import HELLO_WITHIN_S, ClientFrame, CloseCode, Error, ServerFrame, encode
from chat.rules.errors import ChatError
from chat.tasks import end_tasks
from notalone import metrics, websocket_frames

logger = logging.getLogger(__name__)

Hello = TypeVar("Hello", bound=ClientFrame)

BAD_FRAMES_ALLOWED = 3
FRAMES_PER_MINUTE = 600  # typing, read, ping: far above what hands can do
ANSWER_WITHIN_S = 8.0  # what is being stored when the server goes away
CLOSE_WITHIN_S = 5.0


class BaseSocket(AsyncConsumer, Generic[Hello]):
    """One socket. Subclasses give ``greet``, ``handle_now``, ``handle`` and ``gone``; ``quick``: the frames
    that are handled without waiting."""

    decoder: ClassVar[msgspec.json.Decoder[Any]]
    hello_type: ClassVar[type[ClientFrame]]
    quick: ClassVar[tuple[type[ClientFrame], ...]]
    side: ClassVar[str]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.id = secrets.token_hex(8)
        self.life = Life.GREETING
        self._is_ended_from_outside = False
        self._receive = receive
        self._is_listening = False  # the loop waits for a frame and has nothing in hand
        self._send = send
        self._outbox = Outbox(scope, send, self.abandon)
        self._tasks: set[asyncio.Task[None]] = set()
        self.limit: int = settings.MESSAGES_PER_MINUTE  # on messages; 0: none
        self._bad, self._any, self._said = Rate(), Rate(), Rate()
        self._task = asyncio.current_task()
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        self.origin = judge_origin(scope)
        if self.origin is Origin.FOREIGN:
            await self._close(CloseCode.NOT_ALLOWED)
            return
        if runtime.is_draining():
            await self._close(CloseCode.GOING_AWAY)
            return
        self.parts = parts = runtime.current()
        parts.sockets.add(self)
        metrics.SOCKETS.labels(self.side).inc()
        hear_now = scope.get("extensions", {}).get(websocket_frames.HEARING, lambda hearer: None)
        try:
            hear_now(self.take)
            await self._live()
        finally:
            hear_now(None)
            metrics.SOCKETS.labels(self.side).dec()
            parts.sockets.discard(self)

    # --- a life ---

    async def _live(self) -> None:
        code: CloseCode | None = None
        try:
            await self.welcome_in()
            await self._loop()
        except Ended as end:
            code = end.code
        except asyncio.CancelledError:
            if not self._is_ended_from_outside:
                raise
        except Exception:
            logger.exception("a socket failed")
            code = CloseCode.GOING_AWAY
        finally:
            self.life = Life.ENDED
            for task in self._tasks:
                task.cancel()
            self.gone()
        if code is not None and not self._is_ended_from_outside:
            await self._close(code)

    async def welcome_in(self) -> None:
        """Wait for the hello and answer it. Raises Ended."""
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                hello = await self._next_frame()
                while not isinstance(hello, self.hello_type):
                    self.refuse_frame(getattr(hello, "id", None))
                    hello = await self._next_frame()
        except TimeoutError:
            raise Ended(CloseCode.NO_HELLO) from None
        try:
            await self.greet(hello)  # type: ignore[arg-type]  # the loop above has checked it
        except ChatError as error:
            # The page must open with a store down too: it says "one moment" and comes again.
            self.tell_error(error)
            await self._outbox.flush()
            raise Ended(CloseCode.GOING_AWAY) from None
        self.life = Life.LIVE

    async def _loop(self) -> None:
        while True:
            frame = await self._next_frame()
            if self._is_ended_from_outside:
                continue  # not taken any more: who sent it has no ack, and sends it again elsewhere
            if isinstance(frame, self.hello_type):
                self.refuse_frame(None)
                continue
            if isinstance(frame, self.quick):
                self._handle_now(frame)
                continue
            try:
                await self.handle(frame)
            except ChatError as error:
                self.tell_error(error, getattr(frame, "id", None))

    def take(self, text: bytes) -> bool:
        """Handle a text as it is read; false: it is for the loop, as what may have to wait is, and all that
        comes while the loop has a frame in hand, so that nothing is overtaken."""
        if not self._is_listening or self.life is not Life.LIVE or self._is_ended_from_outside:
            return False
        if is_too_big(text):
            return False
        try:
            frame = self.decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
            return False
        if not isinstance(frame, self.quick):
            return False
        try:
            self._count(frame)
            self._handle_now(frame)
        except Ended as end:
            self.parts.beside(self.end(end.code or CloseCode.GOING_AWAY))
        except Exception:
            logger.exception("a socket failed")
            self.parts.beside(self.end(CloseCode.GOING_AWAY))
        return True

    def _handle_now(self, frame: Any) -> None:
        try:
            self.handle_now(frame)
        except ChatError as error:
            self.tell_error(error, getattr(frame, "id", None))

    async def _next_frame(self) -> ClientFrame:
        """Give the next frame that stands in the contract. Raises Ended."""
        while True:
            self._is_listening = True
            event = await self._receive()
            self._is_listening = False
            if event["type"] == "websocket.disconnect":
                raise Ended
            text = event.get("text")
            if is_too_big(text if text is not None else event.get("bytes") or b""):
                raise Ended(CloseCode.FRAME_TOO_BIG)
            if text is None:
                self.refuse_frame(None)
                continue
            try:
                frame: ClientFrame = self.decoder.decode(text)
            except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
                self.refuse_frame(ref_of(text))
                continue
            self._count(frame)
            return frame

    # --- limits ---

    def refuse_frame(self, ref: str | None) -> None:
        """Answer a frame that is none of this contract; the third within a minute ends the socket."""
        metrics.BAD_FRAMES.labels("bad_frame").inc()
        self.put(Error(code="bad_frame", ref=ref))
        if self._bad.hit() >= BAD_FRAMES_ALLOWED:
            raise Ended(CloseCode.BAD_FRAMES)

    def _count(self, frame: ClientFrame) -> None:
        if self._any.hit() > FRAMES_PER_MINUTE + self.limit * 3:
            raise Ended(CloseCode.TOO_MANY)
        metrics.FRAMES.inc(self.side)

    def check_message_rate(self) -> None:
        """Raise ChatError ``too_many`` when this socket says too much a minute."""
        if not self.limit:
            self._any.clear()
            return
        if self._said.hit() > self.limit:
            raise ChatError("too_many", retry_after_s=self._said.take_back())

    # --- sending ---

    def put(self, frame: ServerFrame) -> None:
        """Send a frame; frames leave in the order in which they were put."""
        if self.life is not Life.ENDED:
            self._outbox.put(encode(frame))

    def put_text(self, frame: bytes) -> None:
        """Send a frame that is written already: once, for many sockets."""
        if self.life is not Life.ENDED:
            self._outbox.put(frame)

    async def room(self) -> None:
        """Wait until the server has taken what is queued, if that is much."""
        await self._outbox.room()

    def abandon(self) -> None:
        """End the socket of a peer that is gone or does not read."""
        if self.life is not Life.ENDED:
            self.parts.beside(self.end(CloseCode.TOO_MANY))

    async def end(self, code: CloseCode) -> None:
        """End the socket with a code, from outside its own loop. A server that goes away first acks
        what it has taken."""
        if self._is_ended_from_outside or self.life is Life.ENDED:
            return
        self._is_ended_from_outside = True
        if code is CloseCode.GOING_AWAY:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    await runtime.current().committer.settle()
        self.life = Life.ENDED
        await self._close(code)
        if self._task is not None:
            await end_tasks([self._task])

    async def _close(self, code: CloseCode) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._outbox.flush()
                await self._send({"type": "websocket.close", "code": int(code)})
        except Exception:  # it was gone already, or reads nothing
            logger.debug("the socket was gone before it was closed")

    def tell_error(self, error: ChatError, ref: str | None = None) -> None:
        if error.code == "bad_frame":
            self.refuse_frame(ref)
            return
        self.put(Error(code=error.code, ref=ref, retry_after_s=error.retry_after_s))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the receive loop, as long as the socket lives."""
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # it may have ended before it began

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ChatError as error:
            logger.info("beside a socket: %s", error.code)
        except Exception:
            logger.exception("beside a socket")

    # --- for subclasses ---

    async def greet(self, hello: Hello) -> None:
        """Answer the hello with a welcome. Raises Ended or ChatError."""
        raise NotImplementedError

    def handle_now(self, frame: Any) -> None:
        """Do what one of the quick frames asks. Raises ChatError."""
        raise NotImplementedError

    async def handle(self, frame: Any) -> None:
        """Do what any other frame asks. Raises ChatError."""
        raise NotImplementedError

    def gone(self) -> None:
        """Clean up; the socket is over. What takes time outlives it: ``Runtime.beside``."""
        raise NotImplementedError
