"""Gives Python classes the name under which they travel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, TypeVar

import msgspec

from protoactor_remote.errors import UnknownMessage

__all__ = ["MessageTypes", "default_wire_name", "message"]

T = TypeVar("T")

_declared: dict[str, type] = {}
"""What `@message` named, like protobuf's pool of linked types: it grows when a
module is imported and at no other time."""


def message(wire_name: str | None = None) -> Callable[[type[T]], type[T]]:
    """Name a class on the wire; the default name is `module.qualname`.

    Put it above `@dataclass`. Raises `TypeError` for a class that msgpack cannot
    map by field name, `ValueError` for a name that another class has.

    >>> @message("shop.Greet")
    ... @dataclasses.dataclass(frozen=True, slots=True)
    ... class Greet:
    ...     name: str
    """

    def declare(cls: type[T]) -> type[T]:
        claim(_declared, wire_name or default_wire_name(cls), cls)
        return cls

    return declare


def claim(table: dict[str, type], name: str, cls: type) -> None:
    """Enter a class into a table of wire names."""
    if not _has_fields(cls):
        raise TypeError(
            f"{cls.__qualname__} has no fields that msgpack could map by name: make it a "
            "dataclass or msgspec.Struct, and put @message above @dataclass"
        )
    taken = table.setdefault(name, cls)
    if taken is not cls and not _redefines(cls, taken):
        raise ValueError(
            f"wire name {name!r} belongs to {_path(taken)} already: "
            f"give {_path(cls)} another one"
        )
    table[name] = cls


def default_wire_name(cls: type) -> str:
    """`module.qualname`; raises `UnknownMessage` where that names nothing elsewhere."""
    if cls.__module__ == "__main__":
        raise UnknownMessage(
            f"{cls.__qualname__} is defined in __main__, which is another module in "
            f'every program: name it with @message("app.{cls.__name__}")'
        )
    return _path(cls)


class MessageTypes:
    """The Python classes that one system sends and decodes, by wire name."""

    def __init__(self) -> None:
        self._own: dict[str, type] = {}

    def add(self, cls: type) -> None:
        """Register a class under the name it was declared with, or its default name."""
        if self.name_of(cls) is None:
            claim(self._own, default_wire_name(cls), cls)

    def name_of(self, cls: type) -> str | None:
        return next((name for name, known in self._entries() if known is cls), None)

    def find(self, name: str) -> type | None:
        return self._own.get(name) or _declared.get(name)

    def _entries(self) -> Iterator[tuple[str, type]]:
        yield from self._own.items()
        yield from tuple(_declared.items())


def _has_fields(cls: type[Any]) -> bool:
    marks = ("__dataclass_fields__", "__attrs_attrs__", "model_validate")
    marked = any(hasattr(cls, mark) for mark in marks)
    return marked or issubclass(cls, msgspec.Struct | Enum)


def _redefines(cls: type, taken: type) -> bool:
    """A module that is imported twice, as reloading does, brings its classes again."""
    return _path(cls) == _path(taken) and "<locals>" not in cls.__qualname__


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
