"""Real Redis servers on ports of loopback: alone, watched by a Sentinel, or in a cluster."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis, RedisError
from redis.crc import key_slot

from tests.stores import die_with_parent, redis_binary

SLOTS = 16_384
PATIENCE_S = 40


def free_port() -> int:
    """A port whose cluster bus, 10,000 above, is a port too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1]) % 20_000 + 20_000


def until(is_so: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if is_so():
                return
        except RedisError:
            pass
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


@dataclass
class Server:
    """One process and a client of it."""

    port: int
    process: subprocess.Popen[bytes]
    client: Redis

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def server(folder: Path, *words: str) -> Iterator[Server]:
    """A server on a port of its own; ``words`` may begin with a configuration file."""
    port = free_port()
    folder.mkdir(parents=True)
    command = [redis_binary(), *words, "--port", str(port), "--dir", str(folder), "--save", ""]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 — nothing but a system call runs between fork and exec
    )
    client = Redis(port=port, decode_responses=True, socket_timeout=5)
    try:
        until(client.ping, "Redis answers")
        yield Server(port, process, client)
    finally:
        client.close()
        process.kill()
        process.wait()


@dataclass
class Watched:
    """A master, its copy, and the Sentinel that watches both."""

    master: Server
    copy: Server
    sentinel: Server

    @property
    def url(self) -> str:
        return f"sentinel://127.0.0.1:{self.sentinel.port}/main"

    def fail_over(self) -> None:
        """Kill the master; return when the Sentinel has promoted the copy."""
        self.master.kill()
        until(lambda: self.copy.client.info("replication")["role"] == "master", "the copy is promoted")
        until(lambda: self._named() == self.copy.port, "the Sentinel names the copy")

    def _named(self) -> int:
        return int(self.sentinel.client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", "main")[1])


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Start the three and wait until they know each other."""
    with ExitStack() as stack:
        master = stack.enter_context(server(folder / "master"))
        copy = stack.enter_context(server(folder / "copy", "--replicaof", "127.0.0.1", str(master.port)))
        until(lambda: copy.client.info("replication")["master_link_status"] == "up", "the copy follows")
        config = folder / "sentinel.conf"
        config.write_text(
            f"sentinel monitor main 127.0.0.1 {master.port} 1\n"
            "sentinel down-after-milliseconds main 300\n"
            "sentinel failover-timeout main 2000\n"
        )
        sentinel = stack.enter_context(server(folder / "sentinel", str(config), "--sentinel"))
        until(lambda: sentinel.client.execute_command("SENTINEL REPLICAS", "main"), "the copy is known")
        yield Watched(master, copy, sentinel)


@dataclass
class Cluster:
    """Three masters that share the slots, and a copy of the one that has our keys."""

    nodes: list[Server]
    owner: Server
    copy: Server

    @property
    def url(self) -> str:
        """Names a server that does not own our keys, and so has to say who does."""
        other = next(node for node in self.nodes if node is not self.owner)
        return f"redis+cluster://127.0.0.1:{other.port}"

    def fail_over(self) -> None:
        """Kill the owner; return when its copy has the slots."""
        self.owner.kill()
        others = [node for node in self.nodes if node is not self.owner]
        until(
            lambda: all(f"127.0.0.1:{self.copy.port}@" in _masters(node) for node in others),
            "the copy is promoted",
        )
        until(lambda: all("cluster_state:ok" in _info(node) for node in others), "the cluster stands again")


def _masters(node: Server) -> str:
    lines = str(node.client.execute_command("CLUSTER", "NODES")).splitlines()
    return "\n".join(line for line in lines if "master" in line and "fail" not in line)


def _info(node: Server) -> str:
    return str(node.client.execute_command("CLUSTER", "INFO"))


@contextmanager
def cluster(folder: Path, namespace: str = "na") -> Iterator[Cluster]:
    """Form a cluster, and wait until all agree."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "500")
    with ExitStack() as stack:
        nodes = [stack.enter_context(server(folder / name, *options)) for name in ("a", "b", "c")]
        copy = stack.enter_context(
            server(folder / "copy", *options, "--cluster-replica-validity-factor", "0")
        )
        shares = [range(n * SLOTS // 3, (n + 1) * SLOTS // 3) for n in range(3)]
        for node, share in zip(nodes, shares, strict=True):
            node.client.execute_command("CLUSTER", "ADDSLOTS", *share)
        for node in [*nodes[1:], copy]:
            node.client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
        until(lambda: all("cluster_state:ok" in _info(node) for node in nodes), "the slots are shared")
        until(lambda: all("cluster_known_nodes:4" in _info(n) for n in [*nodes, copy]), "all are known")
        slot = key_slot(f"{{{namespace}}}".encode())
        owner = next(node for node, share in zip(nodes, shares, strict=True) if slot in share)
        owner_id = str(owner.client.execute_command("CLUSTER", "MYID"))
        until(lambda: copy.client.execute_command("CLUSTER", "REPLICATE", owner_id), "the copy follows")
        until(lambda: copy.client.info("replication")["master_link_status"] == "up", "the copy is up")
        yield Cluster(nodes, owner, copy)
