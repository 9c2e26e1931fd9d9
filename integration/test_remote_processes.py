"""Nodes in processes of their own: frozen, killed, many of them."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from google.protobuf.wrappers_pb2 import BytesValue, StringValue

from protoactor import PID, ActorSystem, NotDelivered, OutcomeUnknown
from protoactor_remote import Backoff, EndpointTerminated, Remote, RemoteOptions

NODE = Path(__file__).parent / "remote_node.py"
OPTIONS = RemoteOptions(backoff=Backoff(first=0.05, longest=0.2))


@dataclass(frozen=True)
class Process:
    """A node that runs `remote_node.py`."""

    child: asyncio.subprocess.Process
    address: str

    @property
    def echo(self) -> PID:
        return PID(self.address, "echo")

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def signal(self, number: signal.Signals) -> None:
        self.child.send_signal(number)

    async def kill(self) -> None:
        if self.child.returncode is None:
            self.child.kill()
        await self.child.wait()


Start = Callable[..., Awaitable[Process]]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def start(port: int = 0, host: str = "127.0.0.1") -> Process:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                str(NODE),
                str(port),
                host,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert child.stdout is not None
            async with asyncio.timeout(20.0):
                address = (await child.stdout.readline()).decode().strip()
            process = Process(child, address)
            stack.push_async_callback(process.kill)
            return process

        yield start


@dataclass(frozen=True)
class Here:
    system: ActorSystem
    remote: Remote

    async def ask(self, target: PID, text: str, timeout: float = 10.0) -> str:
        reply = await self.system.request(
            target, StringValue(value=text), returns=StringValue, timeout=timeout
        )
        return reply.value


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Here]:
    async with (
        ActorSystem(stall_warning=None) as system,
        Remote(system, options=OPTIONS) as remote,
    ):
        yield Here(system, remote)


async def test_trap_53_a_frozen_peer_delays_no_other(here: Here, start: Start) -> None:
    frozen, healthy = await start(), await start()
    await here.ask(frozen.echo, "hi")
    await here.ask(healthy.echo, "hi")
    frozen.signal(signal.SIGSTOP)
    count = 20_000
    for n in range(count):
        body = n.to_bytes(8, "big") + bytes(1000)
        here.system.send(frozen.echo, BytesValue(value=body))
        if n % 100 == 0:
            assert await here.ask(healthy.echo, str(n)) == f"python:{n}"
    endpoint = here.remote._endpoints.current(frozen.address)
    assert endpoint is not None
    assert endpoint.queued > 0
    frozen.signal(signal.SIGCONT)
    assert await here.ask(frozen.echo, "count", timeout=30.0) == f"{count} True"


async def test_a_killed_peer_is_noticed_and_its_successor_reached(
    here: Here, start: Start
) -> None:
    process = await start()
    for round in range(3):
        assert await here.ask(process.echo, str(round)) == f"python:{round}"
        ended = asyncio.create_task(here.system.events.first(EndpointTerminated))
        await asyncio.sleep(0)
        asked = asyncio.create_task(here.ask(process.echo, "never answered?"))
        await process.kill()
        await asyncio.gather(asked, return_exceptions=True)
        await ended
        with pytest.raises((NotDelivered, OutcomeUnknown)):
            await here.ask(process.echo, "gone")
        process = await start(process.port)


async def test_a_peer_that_leaves_in_good_order_takes_everything_along(
    here: Here, start: Start
) -> None:
    process = await start()
    asked = [asyncio.create_task(here.ask(process.echo, str(n))) for n in range(500)]
    await asyncio.sleep(0)
    await here.remote.drain(process.address)
    assert process.child.stdin is not None
    process.child.stdin.close()
    replies = await asyncio.gather(*asked)
    assert replies == [f"python:{n}" for n in range(500)]
    async with asyncio.timeout(10.0):
        assert await process.child.wait() == 0


async def test_an_idle_connection_costs_no_time(here: Here, start: Start) -> None:
    process = await start()
    await here.ask(process.echo, "hi")
    await asyncio.sleep(0.5)
    before = time.process_time()
    await asyncio.sleep(3.0)
    assert time.process_time() - before < 0.03


async def test_a_thousand_connections_from_one_process(
    here: Here, start: Start
) -> None:
    """Each loopback address is a peer of its own to us."""
    process = await start(host="0.0.0.0")
    echoes = [
        PID(f"127.0.{n // 250}.{n % 250 + 1}:{process.port}", "echo")
        for n in range(1000)
    ]
    before = len(asyncio.all_tasks())
    for _ in range(2):
        replies = await asyncio.gather(
            *(here.ask(echo, str(n), timeout=60.0) for n, echo in enumerate(echoes))
        )
        assert replies == [f"python:{n}" for n in range(1000)]
    assert here.remote._node.statistics.connected == 1000
    assert len(asyncio.all_tasks()) - before <= 4 * 1000 + 10
    await asyncio.sleep(1.0)
    idle = time.process_time()
    await asyncio.sleep(2.0)
    assert time.process_time() - idle < 0.1
