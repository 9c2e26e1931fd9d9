"""One method of a grain: what a call and its result are on the wire, on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from google.protobuf.message import Message

from protoactor_cluster._codec import ArgumentsCodec, Codec
from protoactor_cluster._method_messages import MethodCall, MethodResult
from protoactor_cluster.wire import grain_pb2, method_pb2

__all__ = ["DEFAULT_OPTIONS", "IndexedMethod", "Method", "RpcOptions"]

RESULTS = frozenset((method_pb2.MethodResult, MethodResult))


@dataclass(frozen=True, slots=True)
class RpcOptions:
    """What `@rpc` said about a method."""

    index: int | None = None
    name: str | None = None
    idempotent: bool = False
    timeout: float | None = None
    reentrant: bool = False


DEFAULT_OPTIONS = RpcOptions()


@dataclass(frozen=True)
class Method:
    """One callable method, on both sides of the call."""

    owner: str
    attribute: str
    options: RpcOptions
    parameters: Mapping[str, Any]
    optional: frozenset[str]
    result: Any
    streaming: bool

    @cached_property
    def wire_name(self) -> str:
        return self.options.name or self.attribute

    def __str__(self) -> str:
        return f"{self.owner}.{self.attribute}"

    def bind(
        self, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> dict[str, Any]:
        """Arguments by parameter name; raises `TypeError` as a function would."""
        names = tuple(self.parameters)
        if len(args) > len(names):
            raise TypeError(
                f"{self}() takes {len(names)} arguments, {len(args)} were given"
            )
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.parameters or name in bound:
                what = "twice" if name in bound else "unexpectedly"
                raise TypeError(f"{self}() got the argument {name!r} {what}")
            bound[name] = value
        for name in names:
            if name not in bound and name not in self.optional:
                raise TypeError(f"{self}() misses the argument {name!r}")
        return bound

    def encode_call(
        self, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> object:
        """The message that asks for this call; raises `TypeError` before it is sent."""
        codec = self._arguments
        try:
            arguments = codec.encode(codec.bind(*args, **kwargs))
            if len(args) != 1 or type(args[0]) is not codec.exact:
                codec.decode(arguments)  # refuses what the grain would refuse
        except (TypeError, ValueError, OverflowError) as error:
            self.bind(args, kwargs)  # says better what is wrong, if that is it
            raise TypeError(f"{self}(): {error}") from error
        return MethodCall(self.wire_name, arguments, self._prefix)

    def decode_call(self, data: bytes) -> dict[str, Any]:
        """The arguments by name; raises `ValueError` or `TypeError`."""
        arguments: dict[str, Any] = self._arguments.decode(data)
        return arguments

    def encode_result(self, value: object) -> Any:
        """The reply; raises `TypeError` if the value is not what was promised."""
        codec = self._value
        try:
            data = codec.encode(value)
            if type(value) is not codec.exact:
                codec.decode(data)  # refuses what the caller would refuse
        except (TypeError, ValueError, OverflowError) as error:
            raise TypeError(f"{self} returned a wrong value: {error}") from error
        return MethodResult(data)

    def decode_result(self, reply: object) -> Any:
        """What the caller gets; raises `TypeError` for a reply that does not fit."""
        if reply.__class__ not in RESULTS:
            raise TypeError(f"{self} was answered with {type(reply).__qualname__}")
        try:
            return self._value.decode(cast(MethodResult, reply).value)
        except ValueError as error:
            raise TypeError(f"{self} returned a wrong value: {error}") from error

    def encode_item(self, value: object) -> bytes:
        """One value of a stream; raises `TypeError` if it is not what was promised."""
        data: bytes = self.encode_result(value).value
        return data

    def decode_item(self, data: bytes) -> Any:
        """As `decode_result`, for one value of a stream."""
        return self.decode_result(MethodResult(data))

    @cached_property
    def _arguments(self) -> ArgumentsCodec:
        name = f"{self.owner}_{self.attribute}"
        return ArgumentsCodec(name, self.parameters, self.optional)

    @cached_property
    def _prefix(self) -> bytes:
        return method_pb2.MethodCall(method=self.wire_name).SerializeToString()

    @cached_property
    def _value(self) -> Codec:
        return Codec(self.result)


class IndexedMethod(Method):
    """A method of a protobuf service: one message in, one out, known by its index."""

    def encode_call(
        self, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> Message:
        bound = self.bind(args, kwargs)
        ((name, wanted),) = self.parameters.items()
        request = bound[name]
        if not isinstance(request, wanted):
            raise TypeError(
                f"{self}() takes a {wanted.__qualname__}, not {type(request).__qualname__}"
            )
        return grain_pb2.GrainRequest(
            method_index=self.options.index,
            message_data=request.SerializeToString(),
            message_type_name=request.DESCRIPTOR.full_name,
        )

    def decode_call(self, data: bytes) -> dict[str, Any]:
        ((name, wanted),) = self.parameters.items()
        return {name: wanted.FromString(data)}

    def encode_result(self, value: object) -> Message:
        if not isinstance(value, self.result):
            raise TypeError(
                f"{self} returned {type(value).__qualname__}, "
                f"not {self.result.__qualname__}"
            )
        return cast(Message, value)

    def decode_result(self, reply: object) -> Any:
        if isinstance(reply, grain_pb2.GrainResponse):
            return self.result.FromString(reply.message_data)
        if not isinstance(reply, self.result):
            raise TypeError(f"{self} was answered with {type(reply).__qualname__}")
        return reply

    def encode_item(self, value: object) -> bytes:
        return self.encode_result(value).SerializeToString()

    def decode_item(self, data: bytes) -> Any:
        return self.result.FromString(data)
