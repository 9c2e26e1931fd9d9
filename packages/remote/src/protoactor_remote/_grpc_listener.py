"""The port on which a node takes streams and calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from protoactor_remote._grpc import grpc
from protoactor_remote._grpc_health import Health
from protoactor_remote.transport import (
    Accept,
    Answer,
    Refusal,
    StreamClosed,
    StreamRefused,
)

__all__ = ["RECEIVE", "SERVICE", "GrpcListener"]

SERVICE = "remote.Remoting"
RECEIVE = f"/{SERVICE}/Receive"
UNARY = ("ListProcesses", "GetProcessDiagnostics")
CODES = {
    Refusal.PROTOCOL: grpc.StatusCode.FAILED_PRECONDITION,
    Refusal.BLOCKED: grpc.StatusCode.PERMISSION_DENIED,
    Refusal.LEAVING: grpc.StatusCode.UNAVAILABLE,
    Refusal.UNSUPPORTED: grpc.StatusCode.UNIMPLEMENTED,
    Refusal.DISABLED: grpc.StatusCode.PERMISSION_DENIED,
}


class GrpcListener:
    """A gRPC server with the remoting service and the standard health service."""

    def __init__(self, server: grpc.aio.Server, port: int) -> None:
        self._server = server
        self._health = Health(SERVICE)
        self.port = port

    async def serve(self, accept: Accept, answer: Answer) -> None:
        handlers: dict[str, Any] = {
            "Receive": grpc.stream_stream_rpc_method_handler(_receive(accept))
        }
        for name in UNARY:
            handlers[name] = grpc.unary_unary_rpc_method_handler(_unary(answer, name))
        remoting = grpc.method_handlers_generic_handler(SERVICE, handlers)
        self._server.add_generic_rpc_handlers((remoting, self._health.handler()))
        await self._server.start()
        self._health.set_serving(True)

    def leave(self) -> None:
        self._health.set_serving(False)

    async def close(self, grace: float) -> None:
        self._health.set_serving(False)
        await self._server.stop(grace)


class GrpcServerStream:
    """The listening end of one call."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.peer: str = context.peer()

    async def read(self) -> bytes | None:
        try:
            frame = await self._context.read()
        except (grpc.RpcError, grpc.aio.BaseError, asyncio.InvalidStateError) as error:
            raise StreamClosed(str(error)) from error
        return None if frame is grpc.aio.EOF else frame

    async def write(self, frame: bytes) -> None:
        try:
            await self._context.write(frame)
        except (grpc.RpcError, grpc.aio.BaseError, asyncio.InvalidStateError) as error:
            raise StreamClosed(str(error)) from error


def _receive(accept: Accept) -> Callable[[Any, Any], Awaitable[None]]:
    async def receive(_: object, context: Any) -> None:
        try:
            await accept(GrpcServerStream(context))
        except StreamRefused as refused:
            await context.abort(CODES[refused.refusal], str(refused))
        except StreamClosed as broken:
            await context.abort(grpc.StatusCode.CANCELLED, str(broken))

    return receive


def _unary(answer: Answer, method: str) -> Callable[[bytes, Any], Awaitable[bytes]]:
    async def unary(request: bytes, context: Any) -> bytes:
        try:
            return await answer(method, request)
        except StreamRefused as refused:
            await context.abort(CODES[refused.refusal], str(refused))
            raise

    return unary
