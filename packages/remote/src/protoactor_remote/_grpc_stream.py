"""The dialling end of a gRPC stream that carries raw frames."""

from __future__ import annotations

import asyncio
from typing import Any

from protoactor_remote._grpc import grpc
from protoactor_remote.transport import Refusal, StreamClosed, StreamRefused

__all__ = ["GrpcStream", "closed"]


class GrpcStream:
    """One call on a channel of its own, so that closing it frees the connection."""

    def __init__(self, channel: grpc.aio.Channel, method: str) -> None:
        self._channel = channel
        self._call: Any = channel.stream_stream(method)()

    async def read(self) -> bytes | None:
        try:
            frame = await self._call.read()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise closed(error) from error
        return None if frame is grpc.aio.EOF else frame

    async def write(self, frame: bytes) -> None:
        try:
            await self._call.write(frame)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise closed(error) from error

    async def end(self) -> None:
        try:
            await self._call.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise closed(error) from error

    async def close(self) -> None:
        self._call.cancel()
        await self._channel.close()


def closed(error: Exception) -> StreamClosed:
    """What a gRPC error means for the protocol."""
    if not isinstance(error, grpc.aio.AioRpcError):
        return StreamClosed(str(error) or "the call is over")
    detail = f"{error.details() or 'no detail'} ({error.code().name})"
    if error.code() is grpc.StatusCode.PERMISSION_DENIED:
        return StreamRefused(Refusal.BLOCKED, detail)
    if error.code() is grpc.StatusCode.UNIMPLEMENTED:
        return StreamRefused(Refusal.UNSUPPORTED, detail)
    return StreamClosed(detail)
