"""Processes that are really killed in mid-talk: no word is lost, doubled or out of order."""

from __future__ import annotations

import os
import signal

import pytest

from tests.faults.talks import talking
from tests.service import Service

pytestmark = pytest.mark.processes


def kill_redis(service: Service) -> None:
    """Kill Redis, with all that waits in its sockets, and start it again."""
    os.kill(service.redis.pid, signal.SIGKILL)
    service.redis.restart()


def test_no_word_is_lost_doubled_or_out_of_order_over_several_kills(mixed: Service) -> None:
    places = [(0, 1), (1, 1), (0, 0), (1, 0)]  # where the two sit when the process of the first is killed
    with talking(mixed, *places[0]) as talk:
        for number, (vera_at, carla_at) in enumerate(places):
            if number:
                talk.vera.come(mixed.webs[vera_at])
                talk.carla.come(mixed.webs[carla_at])
            for word in range(5):
                talk.vera.write(f"vera {number}.{word}")
                talk.carla.write(f"carla {number}.{word}")
            if number % 2:
                talk.vera.settle()  # acked: not a word of these may go
            mixed.webs[vera_at].kill()
            survivor = mixed.webs[1 - vera_at]
            talk.vera.come(survivor)
            if carla_at == vera_at:
                talk.carla.come(survivor)
            talk.vera.write(f"vera {number} again")
            talk.settle()
            mixed.restart(vera_at)
        talk.check(mixed.webs[0])


def test_killed_between_commit_and_publish_the_other_side_has_it_without_a_reload(mixed: Service) -> None:
    with talking(mixed, vera_at=0, carla_at=1) as talk:
        talk.carla.socket.hush()
        os.kill(mixed.redis.pid, signal.SIGSTOP)  # what is published waits, and is lost with the two
        talk.vera.write("これだけは")
        talk.vera.settle()
        mixed.webs[0].kill()
        kill_redis(mixed)
        heard = talk.carla.socket.take("message")
        assert (heard["seq"], heard["body"]) == (1, "これだけは")
        mixed.restart(0)


def test_at_sigterm_what_was_taken_is_acked_before_the_goodbye(mixed: Service, at: int) -> None:
    with talking(mixed, vera_at=at, carla_at=1 - at) as talk:
        for word in range(200):
            talk.vera.write(f"{word}")
        first = talk.vera.socket.next()  # they are being taken
        talk.vera.socket.kept.append(first)
        assert mixed.webs[at].stop() == 0
        assert talk.vera.listen_to_the_end() == 1001
        acked = dict(talk.vera.acked)
        stored = talk.vera.connect(mixed.webs[1 - at], 0)
        last_seq = stored.take("welcome")["last_seq"]
        talk.vera.come(mixed.webs[1 - at])
        assert last_seq == len(acked)
        talk.settle()
        mixed.restart(at)
        talk.check(mixed.webs[at])
