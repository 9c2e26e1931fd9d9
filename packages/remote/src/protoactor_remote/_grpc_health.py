"""The standard gRPC health service, as load balancers and probes ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from protoactor_remote._grpc import grpc
from protoactor_remote.wire import health_pb2

__all__ = ["Health"]

Status = health_pb2.HealthCheckResponse.ServingStatus


class Health:
    """One status for the whole server and the service that it names."""

    def __init__(self, service: str) -> None:
        self._known = ("", service)
        self._serving = False
        self._changed = asyncio.Event()

    def set_serving(self, serving: bool) -> None:
        self._serving = serving
        self._changed.set()
        self._changed = asyncio.Event()

    def handler(self) -> grpc.GenericRpcHandler:
        request = health_pb2.HealthCheckRequest.FromString
        response = health_pb2.HealthCheckResponse.SerializeToString
        handlers: dict[str, Any] = {
            "Check": grpc.unary_unary_rpc_method_handler(
                self._check, request, response
            ),
            "Watch": grpc.unary_stream_rpc_method_handler(
                self._watch, request, response
            ),
        }
        return grpc.method_handlers_generic_handler("grpc.health.v1.Health", handlers)

    async def _check(
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> health_pb2.HealthCheckResponse:
        status = self._status(request.service)
        if status == Status.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return health_pb2.HealthCheckResponse(status=status)

    async def _watch(
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        while True:
            changed = self._changed
            yield health_pb2.HealthCheckResponse(status=self._status(request.service))
            await changed.wait()

    def _status(self, service: str) -> health_pb2.HealthCheckResponse.ServingStatus:
        if service not in self._known:
            return Status.SERVICE_UNKNOWN
        return Status.SERVING if self._serving else Status.NOT_SERVING
