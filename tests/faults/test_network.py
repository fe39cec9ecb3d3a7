"""Phones that drop out, peers that read nothing, and two devices of one person, on both servers."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import httpx
import pytest

from tests.faults.peers import Peer, desk, visitor
from tests.faults.talks import CARLA, talking
from tests.service import Service, Web

pytestmark = pytest.mark.processes

LONG = "さ" * 2000  # the longest body: 6,000 bytes
MIB = 1024 * 1024


def test_a_phone_that_drops_out_twenty_times_loses_nothing_and_is_not_called_away(
    mixed: Service, at: int
) -> None:
    with talking(mixed, vera_at=at, carla_at=1 - at) as talk:
        for number in range(20):
            talk.vera.write(f"{number} まえ")
            talk.vera.socket.drop()
            talk.vera.write(f"{number} トンネルで")
            talk.carla.write(f"{number} そちらは？")
            talk.vera.come(mixed.webs[number % 2])
        talk.settle()
        talk.check(mixed.webs[at])
        assert False not in talk.carla.presence


def test_a_second_device_at_another_process_takes_over_and_the_first_is_told(mixed: Service, at: int) -> None:
    with talking(mixed, vera_at=at, carla_at=at) as talk:
        talk.vera.write("電話から")
        talk.settle()
        phone = talk.vera.socket
        talk.vera.come(mixed.webs[1 - at])
        assert phone.closed() == 4409
        talk.vera.write("学校のパソコンから")
        talk.settle()
        talk.check(mixed.webs[1 - at])


def test_a_peer_that_stops_reading_is_let_go_and_holds_nobody_up(mixed: Service, at: int) -> None:
    with talking(mixed, vera_at=at, carla_at=at) as talk:
        dead = visitor(mixed.webs[at], talk.token, receive_buffer=4096)
        held_before = _memory(mixed.webs[at])
        for _ in range(900):  # 5 MiB: more than the kernel takes on the way
            talk.carla.write(LONG)
        talk.carla.settle()
        assert _memory(mixed.webs[at]) - held_before < 60 * MIB
        talk.carla.write("まだいますか")
        talk.carla.settle()
        assert dead.closed() in {1006, 4429}
        dead.end()


def test_a_long_talk_is_shown_whole_to_who_reads_slowly(mixed: Service, at: int) -> None:
    with talking(mixed, vera_at=1 - at, carla_at=1 - at) as talk:
        for _ in range(400):  # 2.3 MiB at once: more than a socket may be owed
            talk.carla.write(LONG)
        talk.carla.settle()
        slow = visitor(mixed.webs[at], talk.token, receive_buffer=65_536)
        assert slow.take("welcome")["last_seq"] == 400
        assert [slow.take("message")["seq"] for _ in range(400)] == list(range(1, 401))
        slow.end()
        talk.vera.come(mixed.webs[at])


def test_the_same_frame_at_the_same_instant_on_two_sockets_of_two_processes_is_one_message(
    mixed: Service,
) -> None:
    with talking(mixed, vera_at=0, carla_at=0) as talk:
        tabs = [desk(web, mixed.member(CARLA)) for web in mixed.webs]
        for tab in tabs:
            tab.take("welcome")
        for number in range(1, 11):
            ref = str(uuid.uuid4())
            at_once(tabs, ref=ref, conversation=talk.conversation, body=f"{number}")
            assert [tab.take("message.ack", id=ref)["seq"] for tab in tabs] == [number, number]
            assert talk.vera.socket.take("message")["seq"] == number
        talk.vera.socket.hush()
        assert not [frame for frame in talk.vera.socket.kept if frame["type"] == "message"]
        for tab in tabs:
            tab.end()


def at_once(tabs: list[Peer], *, ref: str, conversation: str, body: str) -> None:
    gate = threading.Barrier(len(tabs))

    def send(tab: Peer) -> None:
        gate.wait()
        tab.send("message.send", id=ref, conversation=conversation, body=body)

    threads = [threading.Thread(target=send, args=[tab]) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_same_id_with_other_words_at_another_process_gets_the_first_ack_and_changes_nothing(
    mixed: Service,
) -> None:
    with talking(mixed, vera_at=0, carla_at=1) as talk:
        ref = str(uuid.uuid4())
        talk.vera.socket.send("message.send", id=ref, body="はじめの言葉")
        first = talk.vera.socket.take("message.ack", id=ref)
        frames = [{"type": "message.send", "id": ref, "body": "別の言葉"}]
        letter = {"hello": {"type": "hello", "v": 1, "token": talk.token, "last_seq": 0}, "frames": frames}
        told = httpx.post(f"{mixed.webs[1].url}/api/v1/letters", json=letter, trust_env=False).json()
        assert told["frames"] == [first]
        assert talk.carla.socket.take("message")["body"] == "はじめの言葉"
        talk.carla.socket.hush()
        assert not [frame for frame in talk.carla.socket.kept if frame["type"] == "message"]
        assert visitor(mixed.webs[1], talk.token).take("message")["body"] == "はじめの言葉"


def _memory(web: Web) -> int:
    """Give the bytes that a process holds in memory."""
    status = Path(f"/proc/{web.popen.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
