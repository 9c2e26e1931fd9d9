"""What remoting sends frames through: the seam between protocol and network.

A frame is the bytes of one RemoteMessage. A stream carries frames both ways, in
order, and slows the writer down when the reader does not keep up.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

__all__ = [
    "Listener",
    "NotConnected",
    "Refusal",
    "ServerStream",
    "Service",
    "Stream",
    "StreamClosed",
    "StreamRefused",
    "Transport",
]


class StreamClosed(ConnectionError):
    """The stream broke; nothing more can be read or written."""


class NotConnected(StreamClosed):
    """No connection came to be, so nothing was sent."""


class Refusal(Enum):
    """Why a server ends a stream that the dialler still has open."""

    PROTOCOL = "the peer does not speak the protocol"
    BLOCKED = "the peer is blocked"
    LEAVING = "this node is shutting down"
    UNSUPPORTED = "not supported"
    DISABLED = "switched off"
    FAILED = "the service failed"


class StreamRefused(StreamClosed):
    """Raised by whoever serves a stream or a call, to end it with an error."""

    def __init__(self, refusal: Refusal, detail: str) -> None:
        self.refusal = refusal
        super().__init__(detail)


class Stream(Protocol):
    """The dialling end. One task reads, one writes; cancelling either ends the stream."""

    async def read(self) -> bytes | None:
        """The next frame; None when the other side ended the stream properly.

        Raises `StreamClosed`.
        """
        ...

    async def write(self, frame: bytes) -> None:
        """Hand over a frame, waiting while the network is full. Raises `StreamClosed`."""
        ...

    async def end(self) -> None:
        """Say that no more frames follow (half-close). Raises `StreamClosed`."""
        ...

    async def close(self) -> None:
        """Drop the stream at once, whatever is on its way; never raises."""
        ...


class ServerStream(Protocol):
    """The listening end, valid while `Service.accept` runs."""

    @property
    def peer(self) -> str:
        """Where the call comes from, for messages to people."""
        ...

    async def read(self) -> bytes | None:
        """The next frame; None after the dialler's half-close. Raises `StreamClosed`."""
        ...

    async def write(self, frame: bytes) -> None:
        """Raises `StreamClosed`."""
        ...


class Service(Protocol):
    """What a listener calls."""

    async def accept(self, stream: ServerStream) -> None:
        """Serve one stream; cancelled when the stream breaks.

        Returning ends the stream properly, so it happens only after the dialler's
        half-close: protoactor-go does not notice otherwise. `StreamRefused` ends
        it at any time.
        """
        ...

    async def answer(self, method: str, request: bytes) -> bytes:
        """Serve a unary call: a method of remoting, or `service/method`.

        Raises `StreamRefused`.
        """
        ...

    def turned_away(self, reason: str) -> None:
        """Somebody tried to connect, and did not get as far as a stream."""
        ...


class Listener(Protocol):
    """A bound port."""

    @property
    def port(self) -> int: ...

    async def serve(self, service: Service) -> None:
        """Start taking calls."""
        ...

    def leave(self) -> None:
        """Tell health checks that this node is about to close."""
        ...

    async def close(self, grace: float) -> None:
        """Take no more calls, wait up to `grace` seconds for those that run."""
        ...


class Transport(Protocol):
    """Makes listeners and streams."""

    async def listen(self, host: str, port: int) -> Listener:
        """Bind; port 0 picks a free one. Raises `OSError` if the port is taken."""
        ...

    async def connect(self, address: str) -> Stream:
        """A stream to `host:port`, whose failure may show at the first read only.

        Raises `StreamClosed`.
        """
        ...

    async def call(
        self, address: str, method: str, request: bytes, timeout: float
    ) -> bytes:
        """A unary call of a method of remoting, or `service/method`.

        Raises `StreamRefused`, `NotConnected`, also when that is all that `timeout`
        was enough for, `TimeoutError`, and `StreamClosed` if the connection broke.
        """
        ...
