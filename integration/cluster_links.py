"""Lets the connections of one process to some others pass through `TcpLink`s."""

from __future__ import annotations

from collections.abc import Mapping

from protoactor_remote import RemoteOptions
from protoactor_remote._grpc_transport import GrpcTransport
from protoactor_remote.transport import Listener, Stream, Transport

__all__ = ["detours"]


def detours(links: Mapping[str, str]) -> Transport | None:
    """A transport that dials another address instead of some."""
    return Detours(links) if links else None


class Detours:
    """gRPC as ever, but for where it dials."""

    def __init__(self, links: Mapping[str, str]) -> None:
        self._links = links
        self._inner = GrpcTransport(RemoteOptions(), None)

    async def listen(self, host: str, port: int) -> Listener:
        return await self._inner.listen(host, port)

    async def connect(self, address: str) -> Stream:
        return await self._inner.connect(self._links.get(address, address))

    async def call(
        self, address: str, method: str, request: bytes, timeout: float
    ) -> bytes:
        link = self._links.get(address, address)
        return await self._inner.call(link, method, request, timeout)
