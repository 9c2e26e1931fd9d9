"""Nodes that can reach each other, over both transports, and peers made of frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from protoactor import PID, ActorSystem
from protoactor_remote import Backoff, Remote, RemoteOptions
from protoactor_remote._abilities import NO_ABILITIES, Abilities
from protoactor_remote._grpc_transport import GrpcTransport
from protoactor_remote._handshake import connect_request, connect_response
from protoactor_remote.memory import Network
from protoactor_remote.transport import ServerStream, Stream, Transport
from protoactor_remote.wire import remote_pb2
from protoactor_testkit import Probe

MessageT = TypeVar("MessageT")
PATIENCE = 30.0
"""Seconds for what happens in milliseconds on a machine that has time for us."""
FAST = RemoteOptions(
    backoff=Backoff(first=0.01, longest=0.02),
    connect_attempts=3,
    handshake_timeout=PATIENCE,
    flush_timeout=PATIENCE,
    leave_timeout=PATIENCE,
)


class PatientProbe(Probe):
    """Waits long enough for a busy machine."""

    async def expect(
        self,
        message_type: type[MessageT],
        *,
        timeout: float = PATIENCE,
        where: Callable[[MessageT], bool] | None = None,
    ) -> MessageT:
        return await super().expect(message_type, timeout=timeout, where=where)


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the run may take minutes."""
    return bool(request.config.getoption("--long"))


@dataclass(frozen=True)
class Node:
    """A system with remoting."""

    system: ActorSystem
    remote: Remote

    @property
    def address(self) -> str:
        return self.remote.address

    def pid(self, id: str) -> PID:
        return PID(self.address, id)

    def probe(self) -> Probe:
        return PatientProbe(self.system)


class FakePeer:
    """Speaks the protocol by hand, as protoactor-go does: it announces nothing.

    `answers=False` never answers the handshake.
    """

    def __init__(
        self, transport: Transport, abilities: Abilities = NO_ABILITIES
    ) -> None:
        self.transport = transport
        self.answers = True
        self.blocked = False
        self.abilities = abilities
        self.address = ""
        self.streams: list[ServerStream] = []
        self.batches: asyncio.Queue[remote_pb2.MessageBatch] = asyncio.Queue()
        self.greetings: asyncio.Queue[remote_pb2.ConnectRequest] = asyncio.Queue()
        self.ended = asyncio.Event()
        self.calls: list[str] = []

    async def listen(self, stack: AsyncExitStack) -> None:
        listener = await self.transport.listen("127.0.0.1", 0)
        stack.push_async_callback(listener.close, 0.0)
        self.address = f"127.0.0.1:{listener.port}"
        await listener.serve(self)

    async def dial(self, address: str, system_id: str = "fake") -> Stream:
        """A stream on which hands were shaken."""
        stream = await self.transport.connect(address)
        await stream.write(connect_request(system_id, self.address, (), self.abilities))
        assert await stream.read() is not None
        return stream

    async def batch(self) -> remote_pb2.MessageBatch:
        async with asyncio.timeout(PATIENCE):
            return await self.batches.get()

    async def accept(self, stream: ServerStream) -> None:
        self.streams.append(stream)
        while (frame := await stream.read()) is not None:
            message = remote_pb2.RemoteMessage.FromString(frame)
            if message.HasField("message_batch"):
                self.batches.put_nowait(message.message_batch)
                continue
            self.greetings.put_nowait(message.connect_request)
            if self.answers:
                await stream.write(
                    connect_response("fake", self.blocked, self.abilities)
                )
        self.ended.set()

    async def answer(self, method: str, request: bytes) -> bytes:
        self.calls.append(method)
        return b""

    def turned_away(self, reason: str) -> None:
        raise AssertionError(reason)


class Nodes:
    """Starts nodes that can reach each other, and stops what is left of them."""

    def __init__(self, network: Network | None) -> None:
        self.network = network
        self._stacks: dict[Node, AsyncExitStack] = {}
        self._fakes = AsyncExitStack()

    def transport(self) -> Transport:
        if self.network is not None:
            return self.network.transport()
        return GrpcTransport(FAST, None)

    async def start(self, **settings: Any) -> Node:
        settings.setdefault("options", FAST)
        if self.network is not None:
            settings.setdefault("transport", self.network.transport())
        async with AsyncExitStack() as stack:
            system = ActorSystem(request_timeout=PATIENCE)
            await stack.enter_async_context(system)
            remote = await stack.enter_async_context(Remote(system, **settings))
            node = Node(system, remote)
            self._stacks[node] = stack.pop_all()
        return node

    async def fake(self, **settings: Any) -> FakePeer:
        peer = FakePeer(self.transport(), **settings)
        await peer.listen(self._fakes)
        return peer

    async def stop(self, node: Node) -> None:
        """Leave in good order."""
        await self._stacks.pop(node).aclose()

    async def crash(self, node: Node) -> None:
        """Break every connection first."""
        assert self.network is not None, "only the in-memory network crashes nodes"
        self.network.crash(node.address)
        await self.stop(node)

    async def close(self) -> None:
        while self._stacks:
            _, stack = self._stacks.popitem()
            await stack.aclose()
        await self._fakes.aclose()


@pytest.fixture(params=["memory", "grpc"])
async def nodes(request: pytest.FixtureRequest) -> AsyncIterator[Nodes]:
    """A network in memory, and one of sockets."""
    made = Nodes(Network() if request.param == "memory" else None)
    yield made
    await made.close()


@pytest.fixture
async def memory_nodes() -> AsyncIterator[Nodes]:
    made = Nodes(Network())
    yield made
    await made.close()


@pytest.fixture
async def grpc_nodes() -> AsyncIterator[Nodes]:
    made = Nodes(None)
    yield made
    await made.close()
