"""Several web processes are one service, and one that dies takes nobody along."""

from __future__ import annotations

import pytest

from tests.faults.peers import available, visitor
from tests.service import Service, open_ticket

pytestmark = pytest.mark.processes


def test_a_visitor_on_one_process_talks_with_a_counselor_on_the_other(service: Service) -> None:
    one, two = service.webs
    carla = available(two, service.member("carla"))
    opened = open_ticket(one, nickname="ベラ")
    vera = visitor(one, opened["token"])
    assert vera.take("welcome")["state"] == "paired"
    assigned = carla.take("assigned")
    talk = assigned["conversation"]
    assert vera.say("聞こえますか")["seq"] == 1
    assert carla.take("message")["body"] == "聞こえますか"
    assert carla.say("はい、聞こえています", conversation=talk)["seq"] == 2
    assert vera.take("message")["sender"] == "counselor"
    carla.send("typing", conversation=talk, on=True)
    assert vera.take("typing")["who"] == "counselor"
    vera.send("leave")
    assert carla.take("closed")["reason"] == "visitor"


def test_a_waiting_visitor_is_paired_by_a_counselor_who_comes_on_the_other_process(service: Service) -> None:
    one, two = service.webs
    opened = open_ticket(one)
    vera = visitor(one, opened["token"])
    assert (opened["state"], vera.take("welcome")["position"]) == ("waiting", 1)
    available(two, service.member("carla"))
    assert vera.take("paired")["counselor"]["name"]


def test_a_process_killed_in_mid_talk_takes_nobody_along(service: Service) -> None:
    one, two = service.webs
    carla = available(two, service.member("carla"))
    opened = open_ticket(one)
    vera = visitor(one, opened["token"])
    talk = carla.take("assigned")["conversation"]
    vera.say("一")
    one.kill()
    carla.say("二", conversation=talk)
    again = visitor(two, opened["token"], last_seq=1)
    welcome = again.take("welcome")
    assert (welcome["state"], welcome["conversation"], welcome["last_seq"]) == ("paired", talk, 2)
    assert again.take("message")["body"] == "二"
    assert again.say("三")["seq"] == 3
    assert [carla.take("message")["body"] for _ in range(2)] == ["一", "三"]


def test_sigterm_tells_every_socket_to_come_again_and_exits_with_0(service: Service) -> None:
    one, two = service.webs
    opened = open_ticket(one)
    vera = visitor(one, opened["token"])
    vera.take("welcome")
    assert one.stop() == 0
    assert vera.closed() == 1001
    assert visitor(two, opened["token"]).take("welcome")["position"] == 1


def test_redis_restarted_empty_keeps_the_order_and_the_talks(service: Service) -> None:
    one, two = service.webs
    carla = available(two, service.member("carla"), capacity=1)
    talking = visitor(one, open_ticket(one)["token"])
    talk = carla.take("assigned")["conversation"]
    waiting = [open_ticket(one) for _ in range(3)]
    sockets = [visitor(one, ticket["token"]) for ticket in waiting]
    assert [socket.take("welcome")["position"] for socket in sockets] == [1, 2, 3]
    service.manage("shell", "-v0", "-c", FLUSH)
    talking.say("まだいます")
    assert carla.take("message")["body"] == "まだいます"
    carla.send("conversation.close", conversation=talk)
    assert sockets[0].take("paired")
    assert sockets[1].take("queue.position", position=1)
    assert "Traceback" not in service.logs()


FLUSH = "import redis; from django.conf import settings; redis.Redis.from_url(settings.REDIS_URL).flushall()"
