"""The transport of one node of an in-memory network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protoactor_remote._memory_link import Link
from protoactor_remote._memory_pipe import Pipe
from protoactor_remote.transport import NotConnected, Service, StreamClosed

if TYPE_CHECKING:
    from protoactor_remote.memory import Network

__all__ = ["MemoryListener", "MemoryTransport", "Wire"]


class Wire:
    """Both directions of one stream."""

    def __init__(self, dialler: str, listener: str, link: Link) -> None:
        self.ends = frozenset((dialler, listener))
        self.dialler = dialler
        self.requests = Pipe(link)
        self.responses = Pipe(link)
        self.server: asyncio.Task[None] | None = None

    def reset(self, error: StreamClosed) -> None:
        self.requests.reset(error)
        self.responses.reset(error)
        if self.server is not None:
            self.server.cancel()


class MemoryStream:
    """The dialling end."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self) -> bytes | None:
        return await self._wire.responses.read()

    async def write(self, frame: bytes) -> None:
        await self._wire.requests.write(frame)

    async def end(self) -> None:
        self._wire.requests.end()

    async def close(self) -> None:
        self._wire.reset(StreamClosed("closed by the dialler"))


class MemoryServerStream:
    """The listening end."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.peer = f"memory:{wire.dialler}"

    async def read(self) -> bytes | None:
        return await self._wire.requests.read()

    async def write(self, frame: bytes) -> None:
        await self._wire.responses.write(frame)


class MemoryListener:
    """A bound address."""

    def __init__(self, network: Network, address: str, port: int) -> None:
        self._network = network
        self._service: Service | None = None
        self._wires: dict[asyncio.Task[None], Wire] = {}
        self.address = address
        self.port = port
        self.crashed = False

    async def serve(self, service: Service) -> None:
        self._service = service

    def leave(self) -> None:
        pass

    async def close(self, grace: float) -> None:
        self._network.unbind(self)
        if self._wires:
            await asyncio.wait(self._wires, timeout=grace)
        serving = list(self._wires)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def abandon(self) -> None:
        """Break all streams at once, and let the node dial no more."""
        self.crashed = True
        for wire in self.streams():
            wire.reset(StreamClosed("connection reset"))

    def take(self, wire: Wire) -> None:
        """Serve a stream that was dialled."""
        wire.server = asyncio.create_task(self._serve(wire))
        self._wires[wire.server] = wire
        wire.server.add_done_callback(self._wires.pop)

    async def answer(self, method: str, request: bytes) -> bytes:
        if self._service is None:
            raise NotConnected("not serving yet")
        return await self._service.answer(method, request)

    def streams(self) -> list[Wire]:
        return list(self._wires.values())

    async def _serve(self, wire: Wire) -> None:
        if self._service is None:
            wire.responses.fail(StreamClosed("not serving yet"))
            return
        try:
            await self._service.accept(MemoryServerStream(wire))
            wire.responses.end()
        except StreamClosed as error:
            wire.responses.fail(error)
        except asyncio.CancelledError:
            wire.responses.fail(StreamClosed("the server ended the stream"))
            raise
        finally:
            wire.requests.fail(StreamClosed("the server ended the stream"))


class MemoryTransport:
    """Dials under the address on which it listens."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._address = ""
        self._listener: MemoryListener | None = None

    async def listen(self, host: str, port: int) -> MemoryListener:
        self._listener = self._network.bind(host, port)
        self._address = self._listener.address
        return self._listener

    async def connect(self, address: str) -> MemoryStream:
        if self._listener is not None and self._listener.crashed:
            raise StreamClosed("this node has crashed")
        listener = await self._network.reach(self._address, address)
        wire = Wire(self._address, address, self._network.link(self._address, address))
        listener.take(wire)
        return MemoryStream(wire)

    async def call(
        self, address: str, method: str, request: bytes, timeout: float
    ) -> bytes:
        listener = None
        try:
            async with asyncio.timeout(timeout):
                listener = await self._network.reach(self._address, address)
                return await listener.answer(method, request)
        except TimeoutError:
            if listener is not None:
                raise
            raise NotConnected(f"no connection within {timeout:g} s") from None
