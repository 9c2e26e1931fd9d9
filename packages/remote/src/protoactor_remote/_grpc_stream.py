"""The dialling end of a gRPC stream that carries raw frames."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from protoactor_remote._grpc import grpc
from protoactor_remote.transport import Refusal, StreamClosed, StreamRefused

__all__ = ["Explain", "GrpcStream", "closed", "described", "is_connected"]

REFUSALS = {
    grpc.StatusCode.PERMISSION_DENIED: Refusal.BLOCKED,
    grpc.StatusCode.UNIMPLEMENTED: Refusal.UNSUPPORTED,
    grpc.StatusCode.FAILED_PRECONDITION: Refusal.PROTOCOL,
    grpc.StatusCode.UNKNOWN: Refusal.FAILED,
}
"""What a server means by ending a call, as far as it matters to us."""

Explain: TypeAlias = Callable[[str], Awaitable[str]]
"""Finds out more about gRPC's reason for no connection; empty if it cannot."""


class GrpcStream:
    """One call on a channel of its own, so that closing it frees the connection."""

    def __init__(
        self, channel: grpc.aio.Channel, method: str, explain: Explain
    ) -> None:
        self._channel = channel
        self._call: Any = channel.stream_stream(method)()
        self._explain: Explain | None = explain

    async def read(self) -> bytes | None:
        try:
            frame = await self._call.read()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise closed(error, await self._explanation(error)) from error
        self._explain = None
        return None if frame is grpc.aio.EOF else frame

    async def write(self, frame: bytes) -> None:
        try:
            await self._call.write(frame)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise closed(error, await self._explanation(error)) from error

    async def end(self) -> None:
        try:
            await self._call.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise closed(error) from error

    async def close(self) -> None:
        self._call.cancel()
        await self._channel.close()

    async def _explanation(self, error: Exception) -> str:
        """More about a connection that never came to be."""
        unavailable = grpc.StatusCode.UNAVAILABLE
        if self._explain is None or not isinstance(error, grpc.aio.AioRpcError):
            return ""
        if error.code() is not unavailable:
            return ""
        return await self._explain(error.details() or "")


def closed(error: Exception, explanation: str = "") -> StreamClosed:
    """What a gRPC error means for the protocol."""
    if not isinstance(error, grpc.aio.AioRpcError):
        return StreamClosed(str(error) or "the call is over")
    detail = described(error, explanation)
    refusal = REFUSALS.get(error.code())
    return StreamRefused(refusal, detail) if refusal else StreamClosed(detail)


def described(error: grpc.aio.AioRpcError, explanation: str = "") -> str:
    """A gRPC error for people, after what we found out ourselves."""
    detail = f"{error.details() or 'no detail'} ({error.code().name})"
    return f"{explanation}; {detail}" if explanation else detail


async def is_connected(channel: grpc.aio.Channel) -> bool:
    """Dial, and say whether that worked; if not, a call at once tells why."""
    state = channel.get_state(try_to_connect=True)
    while state in (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING):
        await channel.wait_for_state_change(state)
        state = channel.get_state(try_to_connect=True)
    return state is grpc.ChannelConnectivity.READY
