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
from typing import Any, TypeVar

from google.protobuf.message import Message

from protoactor_cluster._codec import unsupported_types
from protoactor_cluster._method import (
    DEFAULT_OPTIONS,
    IndexedMethod,
    Method,
    RpcOptions,
)
from protoactor_cluster.errors import GrainDefinitionError

__all__ = ["Contract", "Method", "RpcOptions", "rpc"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
OPTIONS = "__protoactor_rpc__"
HOOKS = {"on_activate", "on_deactivate", "on_message"}
STREAMS = (AsyncIterator, AsyncIterable, AsyncGenerator)
_STREAM = re.compile(r"\bAsync(Iterator|Iterable|Generator)\[")


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
    make = Method if options.index is None else IndexedMethod
    method = make(owner, name, options, parameters, frozen, result, streaming)
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
