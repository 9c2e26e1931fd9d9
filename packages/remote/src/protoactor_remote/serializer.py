"""Turns messages into bytes and back: the seam for your own formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias

__all__ = ["Decoder", "Encoder", "Serializer"]

Decoder: TypeAlias = Callable[[bytes], object]
"""Builds the message from its bytes; whatever it raises costs that message only."""


class Encoder(NamedTuple):
    """How messages of one class travel."""

    type_name: str | Callable[[Any], str]
    """The name for the receiver; a function where it depends on the message."""
    encode: Callable[[Any], bytes]


class Serializer(Protocol):
    """A format. Both methods are asked once per type, and may be asked again.

    An id other than 0 (protobuf) and 1 (JSON) is sent only to peers that announced
    it when they connected; protoactor-go users number their own from 2.
    """

    @property
    def id(self) -> int:
        """The number on the wire: the same on every node."""
        ...

    @property
    def priority(self) -> int:
        """Serializers with a higher one are asked first."""
        ...

    def encoder(self, message_type: type) -> Encoder | None:
        """How to encode this class; None leaves it to another serializer."""
        ...

    def decoder(self, type_name: str) -> Decoder | None:
        """How to decode what carries this name; None if it is unknown."""
        ...
