"""A network inside one process, with faults at the push of a button: for tests.

>>> network = Network()
>>> async with ActorSystem() as system:
...     async with Remote(system, transport=network.transport()) as remote:
...         network.partition(remote.address, "127.0.0.1:8091")
"""

from __future__ import annotations

import asyncio
import errno

from protoactor_remote._memory_link import Link
from protoactor_remote._memory_transport import MemoryListener, MemoryTransport, Wire
from protoactor_remote.transport import NotConnected, StreamClosed

__all__ = ["MemoryTransport", "Network"]

FIRST_PORT = 49152


class Network:
    """Nodes by address, and the links between them. All timing is the loop's.

    `delay` is how many seconds a frame travels where nothing else was said.
    """

    def __init__(self, *, delay: float = 0.0) -> None:
        self._delay = delay
        self._listeners: dict[str, MemoryListener] = {}
        self._links: dict[frozenset[str], Link] = {}
        self._next_port = FIRST_PORT

    def transport(self) -> MemoryTransport:
        """The network as one node sees it; each `Remote` needs its own."""
        return MemoryTransport(self)

    def partition(self, one: str, other: str) -> None:
        """Hold all traffic between two addresses back until `heal`, as lost packets do."""
        self._hold(one, other, True)

    def reset(self, one: str, other: str) -> None:
        """Break the streams between two addresses, refuse new ones until `heal`."""
        self.link(one, other).cut = True
        self._break(frozenset((one, other)))

    def heal(self, one: str, other: str) -> None:
        """End a partition or reset; what was held back arrives now."""
        self.link(one, other).cut = False
        self._hold(one, other, False)

    def delay(self, one: str, other: str, seconds: float) -> None:
        """How long a frame between two addresses travels; order is kept."""
        self.link(one, other).delay = seconds

    def crash(self, address: str) -> None:
        """The node is gone: its port is closed and its streams break."""
        listener = self._listeners.pop(address, None)
        if listener is not None:
            listener.abandon()
        self._break(frozenset((address,)))

    def link(self, one: str, other: str) -> Link:
        return self._links.setdefault(frozenset((one, other)), Link(self._delay))

    def bind(self, host: str, port: int) -> MemoryListener:
        if port == 0:
            port, self._next_port = self._next_port, self._next_port + 1
        address = f"{host}:{port}"
        if address in self._listeners:
            raise OSError(errno.EADDRINUSE, f"cannot listen on {address}: it is taken")
        listener = self._listeners[address] = MemoryListener(self, address, port)
        return listener

    def unbind(self, listener: MemoryListener) -> None:
        if self._listeners.get(listener.address) is listener:
            del self._listeners[listener.address]

    async def reach(self, dialler: str, address: str) -> MemoryListener:
        """Who listens there; raises `NotConnected` if nobody does."""
        link = self.link(dialler, address)
        await link.passable()
        if link.delay:
            await asyncio.sleep(link.delay)
        listener = self._listeners.get(address)
        if listener is None or link.cut:
            raise NotConnected(f"connection to {address} refused")
        return listener

    def _hold(self, one: str, other: str, held: bool) -> None:
        link = self.link(one, other)
        link.held = held
        link.notify()

    def _break(self, ends: frozenset[str]) -> None:
        """Break the streams that touch all of `ends`."""
        for wire in self._wires():
            if ends <= wire.ends:
                wire.reset(StreamClosed("connection reset"))

    def _wires(self) -> list[Wire]:
        return [wire for node in self._listeners.values() for wire in node.streams()]
