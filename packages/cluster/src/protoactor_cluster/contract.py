"""The methods of a grain, read once from its class."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from google.protobuf.message import Message

from protoactor_cluster._codec import (
    Codec,
    struct_codec,
    unsupported_types,
    value_codec,
)
from protoactor_cluster.errors import GrainDefinitionError
from protoactor_cluster.wire import grain_pb2, method_pb2

__all__ = ["Contract", "Method", "RpcOptions", "rpc"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
OPTIONS = "__protoactor_rpc__"
HOOKS = {"on_activate", "on_deactivate", "on_message"}
STREAMS = (AsyncIterator, AsyncIterable, AsyncGenerator)
_STREAM = re.compile(r"\bAsync(Iterator|Iterable|Generator)\[")


@dataclass(frozen=True, slots=True)
class RpcOptions:
    """What `@rpc` said about a method."""

    index: int | None = None
    name: str | None = None
    idempotent: bool = False
    timeout: float | None = None
    reentrant: bool = False


DEFAULT_OPTIONS = RpcOptions()


def rpc(
    *,
    index: int | None = None,
    name: str | None = None,
    idempotent: bool = False,
    timeout: float | None = None,
    reentrant: bool = False,
) -> Callable[[FunctionT], FunctionT]:
    """Options of a grain method.

    `idempotent`: calls may be sent again although the first may have run.
    `timeout`: seconds, instead of the cluster's. `reentrant`: may run while
    another method waits. `name`: on the wire, instead of the method's own.
    `index`: its position in a protobuf service; generated code sets it.
    """
    options = RpcOptions(index, name, idempotent, timeout, reentrant)

    def note(function: FunctionT) -> FunctionT:
        setattr(function, OPTIONS, options)
        return function

    return note


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

    @property
    def wire_name(self) -> str:
        return self.options.name or self.attribute

    def __str__(self) -> str:
        return f"{self.owner}.{self.attribute}"

    def bind(
        self, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> dict[str, Any]:
        """Arguments by parameter name; raises `TypeError` as a function would."""
        names = self._names
        if not kwargs and len(args) == len(names):
            return dict(zip(names, args, strict=True))
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
    ) -> Message:
        """The message that asks for this call; raises `TypeError` before it is sent."""
        bound = self.bind(args, kwargs)
        if self.options.index is not None:
            return self._encode_indexed(self.options.index, bound)
        try:
            arguments = self._arguments.encode(bound)
        except (TypeError, ValueError, OverflowError) as error:
            raise TypeError(f"{self}(): {error}") from error
        return method_pb2.MethodCall(method=self.wire_name, arguments=arguments)

    def decode_call(self, data: bytes) -> dict[str, Any]:
        """The arguments by name; raises `ValueError` or `TypeError`."""
        if self.options.index is not None:
            ((name, wanted),) = self.parameters.items()
            return {name: wanted.FromString(data)}
        decoded = self._arguments.decode(data)
        return {
            name: value
            for name in self.parameters
            if (value := getattr(decoded, name)) is not msgspec.UNSET
        }

    def encode_result(self, value: object) -> Message:
        """The reply; raises `TypeError` if the value is not what was promised."""
        if self.options.index is not None:
            if not isinstance(value, self.result):
                raise TypeError(
                    f"{self} returned {type(value).__qualname__}, "
                    f"not {self.result.__qualname__}"
                )
            return typing.cast(Message, value)
        try:
            return method_pb2.MethodResult(value=self._value.encode(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise TypeError(f"{self} returned a wrong value: {error}") from error

    def encode_item(self, value: object) -> bytes:
        """One value of a stream; raises `TypeError` if it is not what was promised."""
        if self.options.index is not None:
            return self.encode_result(value).SerializeToString()
        return typing.cast(method_pb2.MethodResult, self.encode_result(value)).value

    def decode_item(self, data: bytes) -> Any:
        """As `decode_result`, for one value of a stream."""
        if self.options.index is not None:
            return self.result.FromString(data)
        return self.decode_result(method_pb2.MethodResult(value=data))

    def decode_result(self, reply: object) -> Any:
        """What the caller gets; raises `TypeError` for a reply that does not fit."""
        if self.options.index is not None:
            return self._decode_indexed(reply)
        if not isinstance(reply, method_pb2.MethodResult):
            raise TypeError(f"{self} was answered with {type(reply).__qualname__}")
        try:
            return self._value.decode(reply.value)
        except ValueError as error:
            raise TypeError(f"{self} returned a wrong value: {error}") from error

    def _encode_indexed(self, index: int, bound: Mapping[str, Any]) -> Message:
        ((name, wanted),) = self.parameters.items()
        request = bound[name]
        if not isinstance(request, wanted):
            raise TypeError(
                f"{self}() takes a {wanted.__qualname__}, not {type(request).__qualname__}"
            )
        return grain_pb2.GrainRequest(
            method_index=index,
            message_data=request.SerializeToString(),
            message_type_name=request.DESCRIPTOR.full_name,
        )

    def _decode_indexed(self, reply: object) -> Any:
        if isinstance(reply, grain_pb2.GrainResponse):
            return self.result.FromString(reply.message_data)
        if not isinstance(reply, self.result):
            raise TypeError(f"{self} was answered with {type(reply).__qualname__}")
        return reply

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.parameters)

    @cached_property
    def _arguments(self) -> Codec:
        name = f"{self.owner}_{self.attribute}"
        return struct_codec(name, self.parameters, set(self.optional))

    @cached_property
    def _value(self) -> Codec:
        return value_codec(self.result)


class Contract:
    """The methods of a grain class: by attribute, by wire name, by index."""

    def __init__(self, owner: str, methods: Sequence[Method]) -> None:
        self.owner = owner
        self.by_attribute = {method.attribute: method for method in methods}
        self.by_wire_name: dict[str, Method] = {}
        self.by_index: dict[int, Method] = {}
        for method in methods:
            if (index := method.options.index) is not None:
                _claim(self.by_index, index, method)
            else:
                _claim(self.by_wire_name, method.wire_name, method)

    @property
    def interleaves(self) -> bool:
        """Whether some method may run while another waits."""
        methods = self.by_attribute.values()
        return any(method.options.reentrant or method.streaming for method in methods)

    def method(self, attribute: str) -> Method:
        """The method a caller names; raises `AttributeError` listing those there are."""
        method = self.by_attribute.get(attribute)
        if method is None:
            offered = ", ".join(sorted(self.by_attribute)) or "none"
            raise AttributeError(
                f"{self.owner} has no public async method {attribute!r}; it has: {offered}"
            )
        return method

    @classmethod
    def of(cls, grain: type, base: type, local_names: Mapping[str, Any]) -> Contract:
        """Read a class; raises `GrainDefinitionError` naming what is wrong.

        The names that annotations use must be known when the class is made.
        """
        functions: dict[str, Callable[..., Any]] = {}
        for ancestor in reversed(grain.__mro__):
            if issubclass(ancestor, base) and ancestor is not base:
                functions.update(_public_functions(ancestor))
        reserved = {name for name in vars(base) if not name.startswith("_")}
        for name in functions.keys() & reserved - HOOKS:
            reason = "every grain has this attribute already: choose another name"
            raise GrainDefinitionError(grain.__qualname__, name, reason)
        methods = [
            _read(grain, name, function, local_names)
            for name, function in functions.items()
            if name not in reserved
        ]
        return cls(grain.__qualname__, methods)


def _claim(table: dict[Any, Method], key: object, method: Method) -> None:
    other = table.setdefault(key, method)
    if other is not method:
        raise GrainDefinitionError(
            method.owner, method.attribute, f"{other.attribute} has {key!r} already"
        )


def _public_functions(owner: type) -> dict[str, Callable[..., Any]]:
    return {
        name: value
        for name, value in vars(owner).items()
        if not name.startswith("_") and inspect.isfunction(value) and _is_remote(value)
    }


def _is_remote(function: Callable[..., Any]) -> bool:
    """Async methods, and plain ones that were marked or stream their result."""
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return True
    returns = str(function.__annotations__.get("return", ""))
    return hasattr(function, OPTIONS) or _STREAM.search(returns) is not None


def _read(
    grain: type, name: str, function: Callable[..., Any], local_names: Mapping[str, Any]
) -> Method:
    owner = grain.__qualname__
    hints = _hints(owner, name, function, local_names)
    parameters: dict[str, Any] = {}
    optional: set[str] = set()
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise GrainDefinitionError(owner, name, f"*{parameter.name} cannot be sent")
        if parameter.name not in hints:
            raise GrainDefinitionError(
                owner, name, f"parameter {parameter.name!r} needs an annotation"
            )
        parameters[parameter.name] = hints[parameter.name]
        if parameter.default is not parameter.empty:
            optional.add(parameter.name)
    if "return" not in hints:
        raise GrainDefinitionError(owner, name, "its result needs an annotation")
    streaming = typing.get_origin(hints["return"]) in STREAMS
    result = typing.get_args(hints["return"])[0] if streaming else hints["return"]
    options = _options(grain, name)
    frozen = frozenset(optional)
    method = Method(owner, name, options, parameters, frozen, result, streaming)
    _check(method)
    return method


def _options(grain: type, name: str) -> RpcOptions:
    """What the nearest class says that says something: an override need not repeat it."""
    for ancestor in grain.__mro__:
        options = getattr(vars(ancestor).get(name), OPTIONS, None)
        if isinstance(options, RpcOptions):
            return options
    return DEFAULT_OPTIONS


def _hints(
    owner: str, name: str, function: Callable[..., Any], local_names: Mapping[str, Any]
) -> dict[str, Any]:
    namespace = dict(vars(sys.modules[function.__module__]))
    try:
        return typing.get_type_hints(function, namespace, dict(local_names))
    except NameError as error:
        raise GrainDefinitionError(
            owner, name, f"{error}: annotations must be known when the class is made"
        ) from error


def _check(method: Method) -> None:
    """Find out now, not at the first call, whether everything can be sent."""
    wanted = {**method.parameters, "return": method.result}
    if method.options.index is not None:
        _check_indexed(method, wanted)
        return
    for parameter, hint in wanted.items():
        try:
            bad = next(unsupported_types(hint), None)
        except (TypeError, NameError) as error:
            raise GrainDefinitionError(
                method.owner, method.attribute, f"{parameter!r}: {error}"
            ) from error
        if bad is not None:
            raise GrainDefinitionError(
                method.owner,
                method.attribute,
                f"{parameter!r}: a {bad.__qualname__} cannot be sent; use builtins, "
                "dataclasses, msgspec.Struct, enums or protobuf messages",
            )


def _check_indexed(method: Method, wanted: Mapping[str, Any]) -> None:
    if len(method.parameters) != 1:
        raise GrainDefinitionError(
            method.owner, method.attribute, "a method with an index takes one message"
        )
    for parameter, hint in wanted.items():
        if not (isinstance(hint, type) and issubclass(hint, Message)):
            raise GrainDefinitionError(
                method.owner,
                method.attribute,
                f"{parameter!r} must be a protobuf message",
            )
