"""The in-memory network, with a count of what it carries."""

from __future__ import annotations

from protoactor_remote.memory import MemoryTransport, Network
from protoactor_remote.transport import Listener, Stream, Transport

__all__ = ["CountingNetwork", "Traffic"]


class Traffic:
    """Frames and their bytes, in all directions together."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0

    def count(self, frame: bytes) -> None:
        self.frames += 1
        self.bytes += len(frame)


class CountingNetwork(Network):
    """Counts in `traffic`, at the nodes that take their transport from `counted`."""

    def __init__(self, *, delay: float = 0.0) -> None:
        super().__init__(delay=delay)
        self.traffic = Traffic()

    def counted(self) -> Transport:
        """The network as one node sees it."""
        return _CountingTransport(self.transport(), self.traffic)


class _CountingTransport:
    """Every stream has one end that dialled: counts there."""

    def __init__(self, inner: MemoryTransport, traffic: Traffic) -> None:
        self._inner = inner
        self._traffic = traffic

    async def listen(self, host: str, port: int) -> Listener:
        return await self._inner.listen(host, port)

    async def connect(self, address: str) -> Stream:
        return _CountingStream(await self._inner.connect(address), self._traffic)

    async def call(
        self, address: str, method: str, request: bytes, timeout: float
    ) -> bytes:
        return await self._inner.call(address, method, request, timeout)


class _CountingStream:
    def __init__(self, inner: Stream, traffic: Traffic) -> None:
        self._inner = inner
        self._traffic = traffic

    async def read(self) -> bytes | None:
        frame = await self._inner.read()
        if frame is not None:
            self._traffic.count(frame)
        return frame

    async def write(self, frame: bytes) -> None:
        self._traffic.count(frame)
        await self._inner.write(frame)

    async def end(self) -> None:
        await self._inner.end()

    async def close(self) -> None:
        await self._inner.close()
