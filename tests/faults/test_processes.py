"""Several web processes are one service, and one that dies takes nobody along."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.faults.peers import available, visitor
from tests.faults.talks import CARLA, end_talks, talking
from tests.service import Service, Web, open_ticket

pytestmark = pytest.mark.processes


def leave(web: Web, token: str) -> None:
    peer = visitor(web, token)
    if peer.take("welcome")["state"] in {"waiting", "paired"}:
        peer.send("leave")
        peer.take("closed")
    peer.end()


def test_a_visitor_on_one_process_talks_with_a_counselor_on_the_other(mixed: Service) -> None:
    with talking(mixed, nickname="ベラ") as talk:
        talk.vera.write("聞こえますか")
        talk.settle()
        talk.carla.write("はい、聞こえています")
        talk.settle()
        talk.carla.socket.send("typing", conversation=talk.conversation, on=True)
        assert talk.vera.socket.take("typing")["who"] == "counselor"
        talk.vera.socket.send("leave")
        assert talk.carla.socket.take("closed")["reason"] == "visitor"


def test_a_waiting_visitor_is_paired_by_a_counselor_who_comes_on_the_other_process(mixed: Service) -> None:
    one, two = mixed.webs
    opened = open_ticket(one)
    vera = visitor(one, opened["token"])
    assert (opened["state"], vera.take("welcome")["position"]) == ("waiting", 1)
    carla = available(two, mixed.member(CARLA))
    try:
        assert vera.take("paired")["counselor"]["name"]
    finally:
        end_talks(mixed)
        vera.end()
        carla.end()


def test_a_process_killed_in_mid_talk_takes_nobody_along(mixed: Service) -> None:
    with talking(mixed) as talk:
        talk.vera.write("一")
        talk.settle()
        mixed.webs[0].kill()
        try:
            talk.carla.write("二")
            talk.vera.come(mixed.webs[1])
            talk.vera.write("三")
            talk.settle()
            talk.check(mixed.webs[1])
        finally:
            mixed.restart(0)


def test_sigterm_tells_every_socket_to_come_again_and_exits_with_0(mixed: Service) -> None:
    one, two = mixed.webs
    token = open_ticket(one)["token"]
    vera = visitor(one, token)
    vera.take("welcome")
    try:
        assert one.stop() == 0
        assert vera.closed() == 1001
        again = visitor(two, token)
        assert again.take("welcome")["position"] == 1
        again.end()
    finally:
        vera.end()
        mixed.restart(0)
        leave(two, token)


def test_redis_restarted_empty_keeps_the_order_and_the_talks(mixed: Service) -> None:
    one, two = mixed.webs
    carla = available(two, mixed.member(CARLA), capacity=1)
    tokens = [open_ticket(one)["token"]]
    talk = carla.take("assigned")["conversation"]
    tokens += [open_ticket(one)["token"] for _ in range(3)]
    with ExitStack() as stack:
        stack.callback(lambda: [leave(one, token) for token in tokens])
        stack.callback(end_talks, mixed)
        talker, *others = [visitor(one, token) for token in tokens]
        assert [other.take("welcome")["position"] for other in others] == [1, 2, 3]
        mixed.ask_redis("FLUSHALL")
        talker.say("まだいます")
        assert carla.take("message")["body"] == "まだいます"
        carla.send("conversation.close", conversation=talk)
        assert others[0].take("paired")
        assert others[1].take("queue.position", position=1)
        for peer in (carla, talker, *others):
            peer.end()
