"""The hub between two processes: here at once, there through Redis, and again after whatever went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings

from chat.events import AnyEvent, TypingChanged, conversation_topic
from chat.hub import Hub
from chat.store.connection import connect
from tests.outages import NOWHERE

TOPIC = conversation_topic("c")
WAIT_S = 20

Make = Callable[..., Awaitable[Hub]]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Make a process's hub, on a Redis connection of its own."""
    made: list[tuple[Hub, Any]] = []

    async def start(url: str = settings.REDIS_URL) -> Hub:
        client = connect(url)
        hub = Hub(client, settings.REDIS_NAMESPACE)
        made.append((hub, client))
        hub.start()
        return hub

    yield start
    for hub, client in made:
        await hub.stop()
        await client.aclose()


class Ear:
    """A listener that remembers."""

    def __init__(self, hub: Hub) -> None:
        self._heard: asyncio.Queue[AnyEvent] = asyncio.Queue()
        hub.subscribe(TOPIC, self._heard.put_nowait)

    async def next(self) -> AnyEvent:
        async with asyncio.timeout(WAIT_S):
            return await self._heard.get()

    def at_once(self) -> list[AnyEvent]:
        return [self._heard.get_nowait() for _ in range(self._heard.qsize())]


def event(number: int) -> TypingChanged:
    return TypingChanged(conversation="c", who="visitor", on=True, origin=str(number))


async def linked(hub: Hub) -> None:
    """Wait until another's event is heard: the subscription stands."""
    ear = Ear(hub)
    other = connect(settings.REDIS_URL)
    teller = Hub(other, settings.REDIS_NAMESPACE)
    teller.start()
    async with asyncio.timeout(WAIT_S):
        while not ear.at_once():
            teller.publish(TOPIC, event(0))
            await asyncio.sleep(0.01)
    await teller.stop()
    await other.aclose()


async def until_heard(teller: Hub, ear: Ear, wanted: AnyEvent) -> None:
    async with asyncio.timeout(WAIT_S):
        while wanted not in ear.at_once():
            teller.publish(TOPIC, wanted)
            await asyncio.sleep(0.01)


async def test_this_process_hears_at_once(make: Make) -> None:
    hub = await make()
    ear = Ear(hub)
    hub.publish(TOPIC, event(1))
    assert ear.at_once() == [event(1)]


async def test_another_process_hears_in_order_and_the_own_one_not_twice(make: Make) -> None:
    one, two = await make(), await make()
    await linked(one)
    await linked(two)
    here, there = Ear(one), Ear(two)
    for number in range(5):
        one.publish(TOPIC, event(number))
    assert [await there.next() for _ in range(5)] == [event(number) for number in range(5)]
    two.publish(TOPIC, event(9))
    assert [await here.next() for _ in range(6)] == [*(event(number) for number in range(5)), event(9)]


async def test_what_nobody_listened_for_is_known_to_have_been(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.hub._MAX_NOTED", 2)
    hub = await make()
    hub.publish("t:before", event(1))
    since = hub.count
    assert not hub.was_heard("t:before", since)
    assert not hub.was_heard("t:other", since)
    hub.publish("t:before", event(2))
    assert hub.was_heard("t:before", since)
    assert not hub.was_heard("t:other", since)
    for topic in ("t:a", "t:b", "t:c"):
        hub.publish(topic, event(3))
    assert hub.was_heard("t:other", since)
    assert not hub.was_heard("t:other", hub.count)


async def test_what_another_process_says_is_noted_without_a_listener(make: Make) -> None:
    one, two = await make(), await make()
    await linked(one)
    await linked(two)
    ear, since = Ear(two), two.count
    one.publish("t:nobody's", event(1))
    one.publish(TOPIC, event(2))
    assert await ear.next() == event(2)
    assert two.was_heard("t:nobody's", since)


async def test_what_may_wait_is_heard_here_at_once_and_there_in_its_order(make: Make) -> None:
    one, two = await make(), await make()
    await linked(one)
    await linked(two)
    here, there = Ear(one), Ear(two)
    one.publish(TOPIC, event(1), at_leisure=True)
    one.publish(TOPIC, event(2), at_leisure=True)
    assert here.at_once() == [event(1), event(2)]
    assert [await there.next() for _ in range(2)] == [event(1), event(2)]
    one.publish(TOPIC, event(3), at_leisure=True)
    one.publish(TOPIC, event(4))
    one.publish(TOPIC, event(5), at_leisure=True)
    assert [await there.next() for _ in range(3)] == [event(3), event(4), event(5)]


async def test_a_listener_that_fails_does_not_keep_the_event_from_the_others(make: Make) -> None:
    hub = await make()

    def fail(_: AnyEvent) -> None:
        raise ValueError

    hub.subscribe(TOPIC, fail)
    ear = Ear(hub)
    hub.publish(TOPIC, event(1))
    assert ear.at_once() == [event(1)]


async def test_with_redis_away_this_process_still_hears(make: Make) -> None:
    hub = await make(NOWHERE)
    ear = Ear(hub)
    hub.publish(TOPIC, event(1))
    assert ear.at_once() == [event(1)]


async def test_a_subscription_that_was_cut_is_made_again_and_said(make: Make) -> None:
    one, two = await make(), await make()
    await linked(two)
    ear = Ear(two)
    is_relinked = asyncio.Event()
    two.on_relinked = is_relinked.set
    client = connect(settings.REDIS_URL)
    kill: Any = client.execute_command
    await kill("CLIENT", "KILL", "TYPE", "pubsub")
    await client.aclose()
    async with asyncio.timeout(WAIT_S):
        await is_relinked.wait()
    await until_heard(one, ear, event(1))


async def test_a_fault_nobody_thought_of_does_not_end_the_hearing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await make(), await make()
    ear = Ear(two)
    hear = two._hear

    async def fail_once(pubsub: Any) -> None:
        monkeypatch.setattr(two, "_hear", hear)
        raise RuntimeError

    monkeypatch.setattr(two, "_hear", fail_once)
    await until_heard(one, ear, event(1))
    assert two._hear == hear


async def test_a_fault_nobody_thought_of_does_not_end_the_publishing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await make(), await make()
    await linked(two)
    ear = Ear(two)

    async def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("chat.hub.command", fail)
        one.publish(TOPIC, event(1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await until_heard(one, ear, event(2))


async def test_who_has_heard_no_other_for_long_tells_redis_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.hub._ALONE_AFTER_S", -1.0)
    one = await make()
    Ear(one)
    is_alone = asyncio.Event()
    said = one._say

    async def say(sealed: str) -> None:
        is_alone.set()
        await said(sealed)

    monkeypatch.setattr(one, "_say", say)
    async with asyncio.timeout(WAIT_S):
        await is_alone.wait()
    one.publish(TOPIC, event(1))
    assert not one._unsent


async def test_a_process_that_comes_is_heard_of_and_told_from_then_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await make()
    Ear(one)
    await linked(one)
    one._is_alone = True
    two = await make()
    ear = Ear(two)
    await until_heard(one, ear, event(1))


async def test_an_event_of_another_version_is_passed_over_and_the_next_one_heard(make: Make) -> None:
    one, two = await make(), await make()
    await linked(two)
    ear = Ear(two)
    strange: Any = ["no event of ours"]
    one.publish(TOPIC, strange)
    one.publish(TOPIC, event(1))
    assert await ear.next() == event(1)


async def test_a_rush_goes_out_in_pieces_and_in_order(make: Make) -> None:
    one, two = await make(), await make()
    await linked(two)
    ear = Ear(two)
    for number in range(1200):
        one.publish(TOPIC, event(number))
    assert [await ear.next() for _ in range(1200)] == [event(number) for number in range(1200)]
