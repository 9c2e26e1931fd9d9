"""Stands for a grain that lives anywhere: its methods are calls."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from protoactor_cluster._attempts import CallOptions
from protoactor_cluster._method import DEFAULT_OPTIONS, Method
from protoactor_cluster._reply import failure_of
from protoactor_cluster._wire import pid_from_wire
from protoactor_cluster.grain import Grain
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import grain_pb2, method_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["GrainHandle"]


class GrainHandle:
    """What `cluster.grain` returns; typed as the grain class."""

    __slots__ = ("_cluster", "_grain", "_identity", "_options")

    def __init__(
        self, cluster: Cluster, grain: type[Grain], name: str, options: CallOptions
    ) -> None:
        self._cluster = cluster
        self._grain = grain
        self._identity = ClusterIdentity(grain.__kind__, name)
        self._options = options

    @property
    def identity(self) -> ClusterIdentity:
        return self._identity

    def __repr__(self) -> str:
        return f"<handle of {self._identity}>"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        contract = self._grain.__contract__
        method = contract.by_attribute.get(name) or contract.method(name)
        if method.streaming:
            return partial(self._stream, method)
        options = self._options
        if method.options is not DEFAULT_OPTIONS:
            options = self._options_for(method)
        return partial(self._cluster.caller.invoke, self._identity, method, options)

    async def _stream(
        self, method: Method, /, *args: object, **kwargs: object
    ) -> AsyncGenerator[Any, None]:
        """The values of a streaming method; what is not read is not produced."""
        chunk: Any = await self._cluster.caller.call(
            self._identity,
            method.encode_call(args, kwargs),
            self._options_for(method),
            method.attribute,
        )
        if isinstance(chunk, grain_pb2.GrainErrorResponse):
            raise failure_of(chunk, self._cluster.error_types)
        holder, stream_id = pid_from_wire(chunk.pid), chunk.stream_id
        assert holder is not None
        system, timeout = self._cluster.system, self._options.timeout
        try:
            while True:
                for value in chunk.values:
                    yield method.decode_item(value)
                if chunk.HasField("error"):
                    raise failure_of(chunk.error, self._cluster.error_types)
                if chunk.done:
                    return
                chunk = await system.request(
                    holder,
                    method_pb2.StreamNext(stream_id=stream_id),
                    returns=method_pb2.StreamChunk,
                    timeout=timeout or self._cluster.request_timeout,
                )
        finally:
            if not chunk.done and not chunk.HasField("error"):
                system.send(holder, method_pb2.StreamCancel(stream_id=stream_id))

    def _options_for(self, method: Method) -> CallOptions:
        options, rpc = self._options, method.options
        return replace(
            options,
            timeout=rpc.timeout if options.timeout is None else options.timeout,
            idempotent=rpc.idempotent,
            reentrant=rpc.reentrant,
        )
