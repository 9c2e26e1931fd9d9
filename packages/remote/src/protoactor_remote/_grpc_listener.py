"""The port on which a node takes streams and calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from protoactor_remote._grpc import grpc
from protoactor_remote._grpc_health import Health
from protoactor_remote._tls_watch import TLSWatch
from protoactor_remote.transport import Refusal, Service, StreamClosed, StreamRefused

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
    Refusal.FAILED: grpc.StatusCode.UNKNOWN,
}


class GrpcListener:
    """A gRPC server with the remoting service and the standard health service."""

    def __init__(
        self, server: grpc.aio.Server, port: int, tls_watch: TLSWatch | None
    ) -> None:
        self._server = server
        self._tls_watch = tls_watch
        self._health = Health(SERVICE)
        self.port = port

    async def serve(self, service: Service) -> None:
        if self._tls_watch is not None:
            self._tls_watch.start(service.turned_away)
        calls = _Calls(service, self._tls_watch)
        handlers: dict[str, Any] = {
            "Receive": grpc.stream_stream_rpc_method_handler(calls.receive)
        }
        for name in UNARY:
            handlers[name] = grpc.unary_unary_rpc_method_handler(calls.unary(name))
        remoting = grpc.method_handlers_generic_handler(SERVICE, handlers)
        self._server.add_generic_rpc_handlers(
            (remoting, self._health.handler(), _OtherServices(calls))
        )
        await self._server.start()
        self._health.set_serving(True)

    def leave(self) -> None:
        self._health.set_serving(False)

    async def close(self, grace: float) -> None:
        if self._tls_watch is not None:
            self._tls_watch.stop()
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


class _Calls:
    """What gRPC calls, in its terms."""

    def __init__(self, service: Service, tls_watch: TLSWatch | None) -> None:
        self._service = service
        self._tls_watch = tls_watch

    async def receive(self, _: object, context: Any) -> None:
        self._seen(context)
        try:
            await self._service.accept(GrpcServerStream(context))
        except StreamRefused as refused:
            await context.abort(CODES[refused.refusal], str(refused))
        except StreamClosed as broken:
            await context.abort(grpc.StatusCode.CANCELLED, str(broken))

    def unary(self, method: str) -> Callable[[bytes, Any], Awaitable[bytes]]:
        async def call(request: bytes, context: Any) -> bytes:
            self._seen(context)
            try:
                return await self._service.answer(method, request)
            except StreamRefused as refused:
                await context.abort(CODES[refused.refusal], str(refused))
                raise

        return call

    def _seen(self, context: Any) -> None:
        if self._tls_watch is not None:
            self._tls_watch.completed(context.peer())


class _OtherServices(grpc.GenericRpcHandler):
    """Calls of services that other packages offer on this port."""

    def __init__(self, calls: _Calls) -> None:
        self._calls = calls

    def service(self, handler_call_details: Any) -> Any:
        method: str = handler_call_details.method
        answer = self._calls.unary(method.removeprefix("/"))
        return cast(Any, grpc.unary_unary_rpc_method_handler(answer))
