"""Stands for a grain that lives anywhere: its methods are calls."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from protoactor_cluster._attempts import DEFAULT, CallOptions
from protoactor_cluster._method import DEFAULT_OPTIONS, Method
from protoactor_cluster._reply import failure_of
from protoactor_cluster._wire import pid_from_wire
from protoactor_cluster.contract import Contract
from protoactor_cluster.grain import Grain
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import grain_pb2, method_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["GrainHandle", "HandleTypes"]


class GrainHandle:
    """What `cluster.grain` returns; typed as the grain class."""

    __slots__ = ("_cluster", "_identity", "_options")
    _contract: ClassVar[Contract]

    def __init__(
        self, cluster: Cluster, identity: ClusterIdentity, options: CallOptions
    ) -> None:
        self._cluster = cluster
        self._identity = identity
        self._options = options

    @property
    def identity(self) -> ClusterIdentity:
        return self._identity

    def __repr__(self) -> str:
        return f"<handle of {self._identity}>"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self._contract.method(name)  # says what there is instead
        raise AttributeError(name)

    async def _stream(
        self, method: Method, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> AsyncGenerator[Any, None]:
        """The values of a streaming method; what is not read is not produced."""
        chunk: Any = await self._cluster.caller.call(
            self._identity,
            method.encode_call(args, kwargs),
            _with(self._options, method),
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


class HandleTypes(dict[type[Grain], type[GrainHandle]]):
    """A class of handles per grain class, with its methods; made once per class."""

    def __missing__(self, grain: type[Grain]) -> type[GrainHandle]:
        contract = getattr(grain, "__contract__", None)
        if not isinstance(contract, Contract):
            raise TypeError(f"a handle needs a subclass of Grain, not {grain!r}")
        methods: dict[str, Any] = {
            name: _calling(method, getattr(grain, name))
            for name, method in contract.by_attribute.items()
        }
        members = {"__slots__": (), "_contract": contract, **methods}
        made = self[grain] = type("GrainHandle", (GrainHandle,), members)
        return made


def _calling(method: Method, like: Callable[..., Any]) -> Callable[..., Any]:
    if method.streaming:

        def call(handle: GrainHandle, /, *args: Any, **kwargs: Any) -> Any:
            return handle._stream(method, args, kwargs)

    elif method.options is DEFAULT_OPTIONS:

        def call(handle: GrainHandle, /, *args: Any, **kwargs: Any) -> Any:
            invoke = handle._cluster.caller.invoke
            return invoke(handle._identity, method, handle._options, args, kwargs)

    else:
        usual = _with(DEFAULT, method)

        def call(handle: GrainHandle, /, *args: Any, **kwargs: Any) -> Any:
            given = handle._options
            options = usual if given is DEFAULT else _with(given, method)
            invoke = handle._cluster.caller.invoke
            return invoke(handle._identity, method, options, args, kwargs)

    return wraps(like)(call)


def _with(options: CallOptions, method: Method) -> CallOptions:
    """What `@rpc` says, where the handle does not say otherwise."""
    rpc = method.options
    return msgspec.structs.replace(
        options,
        timeout=rpc.timeout if options.timeout is None else options.timeout,
        idempotent=rpc.idempotent,
        reentrant=rpc.reentrant,
    )
