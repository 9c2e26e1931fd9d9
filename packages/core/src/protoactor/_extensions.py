"""What others keep with a system, found by its class."""

from __future__ import annotations

from typing import TypeVar, cast

__all__ = ["Extensible"]

ExtensionT = TypeVar("ExtensionT")


class Extensible:
    """Holds at most one extension of each class."""

    def __init__(self) -> None:
        self._extensions: dict[type, object] = {}

    def register(self, extension: object) -> None:
        """Make an extension findable by its class; one of each class."""
        if self._extensions.setdefault(type(extension), extension) is not extension:
            name = type(extension).__qualname__
            raise ValueError(f"a {name} is registered with this system already")

    def unregister(self, extension: object) -> None:
        self._extensions.pop(type(extension), None)

    def extension(self, kind: type[ExtensionT]) -> ExtensionT:
        """The registered extension of this class; raises `LookupError`."""
        found = self._extensions.get(kind)
        if found is None:
            raise LookupError(f"no {kind.__qualname__} runs on this actor system")
        return cast(ExtensionT, found)
