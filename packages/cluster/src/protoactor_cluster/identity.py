"""The name of a virtual actor: its kind and its own name within the kind."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from protoactor.errors import NotSent

__all__ = ["MAX_NAME_BYTES", "ClusterIdentity", "InvalidIdentity"]

MAX_NAME_BYTES = 1024
KIND = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class InvalidIdentity(NotSent):
    """This kind and name cannot identify a virtual actor; `reason` says why."""

    def __init__(self, kind: object, name: object, reason: str) -> None:
        self.kind = kind
        self.name = name
        self.reason = reason
        super().__init__(f"kind {_shown(kind)}, name {_shown(name)}: {reason}")


class _KindAndName(NamedTuple):
    kind: str
    name: str


class ClusterIdentity(_KindAndName):
    """A kind and a name; valid by construction.

    A plain tuple, so it hashes and compares in C. Raises `InvalidIdentity`.

    >>> str(ClusterIdentity("Counter", "visits/today"))
    'Counter/visits/today'
    """

    __slots__ = ()

    def __new__(cls, kind: str, name: str) -> Self:
        if reason := _kind_fault(kind) or _name_fault(name):
            raise InvalidIdentity(kind, name, reason)
        return super().__new__(cls, kind, name)

    @classmethod
    def of_kind(cls, kind: str, name: str) -> Self:
        """As the constructor, for a kind that is known to be one."""
        # what nearly every name is, in a third of the time
        if name.__class__ is not str or not 0 < len(name) <= MAX_NAME_BYTES:
            return cls(kind, name)
        plain = name.isascii()
        return super().__new__(cls, kind, name) if plain else cls(kind, name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The identity written `KIND/NAME`; the first `/` separates.

        >>> ClusterIdentity.parse("Counter/visits/today").name
        'visits/today'
        """
        kind, slash, name = text.partition("/")
        if not slash:
            raise InvalidIdentity(text, "", "write it as KIND/NAME")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def _kind_fault(kind: object) -> str | None:
    if not isinstance(kind, str):
        return f"the kind must be a str, not {type(kind).__qualname__}"
    if not KIND.fullmatch(kind):
        return "a kind starts with a letter or _, then letters, digits, _, . and -"
    return None


def _name_fault(name: object) -> str | None:
    if not isinstance(name, str):
        return f"the name must be a str, not {type(name).__qualname__}"
    if not name:
        return "the name must not be empty"
    # `isascii` is a flag on the string: ordinary names are never encoded here
    if name.isascii():
        size = len(name)
    else:
        try:
            size = len(name.encode())
        except UnicodeEncodeError:
            return "the name holds a lone surrogate, which has no UTF-8 form"
    if size > MAX_NAME_BYTES:
        return f"the name takes {size} bytes of UTF-8, {MAX_NAME_BYTES} are allowed"
    return None


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
