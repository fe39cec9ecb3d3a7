"""Redis killed, hanging, or without its scripts: talks go on, entering works or says "one moment"."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from tests.faults.peers import available, visitor
from tests.faults.talks import CARLA, talking
from tests.service import Service, Web, open_ticket

pytestmark = pytest.mark.processes


@contextmanager
def killed(service: Service) -> Iterator[None]:
    """Nobody listens: every command is refused at once."""
    os.kill(service.redis.pid, signal.SIGKILL)
    try:
        yield
    finally:
        service.redis.restart()


@contextmanager
def hanging(service: Service) -> Iterator[None]:
    """Somebody listens and never answers: every command takes its whole time limit."""
    os.kill(service.redis.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(service.redis.pid, signal.SIGCONT)


AWAY = pytest.mark.parametrize(("away", "at"), [(killed, 0), (hanging, 1)], ids=["killed", "hanging"])
Away = Callable[[Service], AbstractContextManager[None]]


@AWAY
def test_words_reach_the_other_process_and_nobody_s_socket_ends(mixed: Service, away: Away, at: int) -> None:
    with talking(mixed, vera_at=at, carla_at=1 - at) as talk:
        vera, carla = talk.vera.socket, talk.carla.socket
        with away(mixed):
            for number in range(3):
                talk.vera.write(f"v{number}")
                talk.carla.write(f"c{number}")
            talk.settle()
        talk.vera.write("もどりました")
        talk.settle()
        vera.hush()
        carla.hush()
        talk.check(mixed.webs[at])


@AWAY
def test_who_enters_gets_a_place_or_is_told_when_to_come_again(mixed: Service, away: Away, at: int) -> None:
    with away(mixed):
        answer = httpx.post(
            f"{mixed.webs[at].url}/api/v1/tickets",
            json={"audience": "youth", "consent": True},
            trust_env=False,
            timeout=30,
        )
        if answer.status_code == 201:
            waiting = visitor(mixed.webs[at], answer.json()["token"])
            assert waiting.take("welcome")["state"] == "waiting"
            waiting.end()
        else:
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            assert answer.json()["error"]["code"] == "unavailable"
    if answer.status_code == 201:
        served_after_all(mixed, answer.json()["token"])


def served_after_all(service: Service, token: str) -> None:
    """With Redis back, the one who entered meanwhile is paired, by whichever process."""
    vera = visitor(service.webs[0], token)
    carla = available(service.webs[1], service.member(CARLA))
    talk = carla.take("assigned")["conversation"]
    carla.send("conversation.close", conversation=talk)
    assert vera.take("closed")["reason"] == "counselor"
    carla.send("availability.set", state="away")
    carla.take("availability", state="away")
    vera.end()
    carla.end()


def test_scripts_flushed_under_load_are_not_felt(mixed: Service) -> None:
    is_over = threading.Event()

    def flush() -> None:
        while not is_over.is_set():
            mixed.ask_redis("SCRIPT", "FLUSH")

    flusher = threading.Thread(target=flush)
    flusher.start()
    try:
        with talking(mixed, vera_at=0, carla_at=1) as talk:
            for number in range(20):
                talk.vera.write(f"v{number}")
                talk.carla.write(f"c{number}")
                enter_and_leave(mixed.webs[number % 2])
            talk.settle()
            talk.check(mixed.webs[0])
    finally:
        is_over.set()
        flusher.join()


def enter_and_leave(web: Web) -> None:
    opened = open_ticket(web)
    waiting = visitor(web, opened["token"])
    waiting.take("welcome")
    waiting.send("leave")
    waiting.take("closed")
    waiting.end()
