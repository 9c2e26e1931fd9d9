"""The serializers of one system, and what they know about each type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from protoactor_remote.errors import UnknownMessage
from protoactor_remote.serializer import Decoder, Serializer

__all__ = ["Codec", "Serialization"]

GO_SERIALIZERS = frozenset((0, 1))


class Codec(NamedTuple):
    """How the messages of one class are sent."""

    serializer_id: int
    type_name: str | Callable[[Any], str]
    encode: Callable[[Any], bytes]


class Serialization:
    """Asks serializers by priority to encode, by id to decode."""

    def __init__(self, serializers: Iterable[Serializer]) -> None:
        self._by_id: dict[int, Serializer] = {}
        for serializer in serializers:
            if serializer.id in self._by_id:
                raise ValueError(f"two serializers have the id {serializer.id}")
            self._by_id[serializer.id] = serializer
        self._by_priority = sorted(self._by_id.values(), key=lambda s: -s.priority)
        self._codecs: dict[type, Codec] = {}

    @property
    def extra_ids(self) -> frozenset[int]:
        """The serializers that a peer has to know about."""
        return frozenset(self._by_id) - GO_SERIALIZERS

    def codec(self, message_type: type) -> Codec:
        """How to send this class; raises `UnknownMessage`."""
        codec = self._codecs.get(message_type)
        if codec is None:
            codec = self._codecs[message_type] = self._find_codec(message_type)
        return codec

    def decoder(self, serializer_id: int, type_name: str) -> Decoder:
        """How to decode what carries this name; raises `UnknownMessage`."""
        serializer = self._by_id.get(serializer_id)
        if serializer is None:
            raise UnknownMessage(f"there is no serializer {serializer_id} here")
        decoder = serializer.decoder(type_name)
        if decoder is None:
            raise UnknownMessage(f"the type {type_name!r} is not registered here")
        return decoder

    def _find_codec(self, message_type: type) -> Codec:
        for serializer in self._by_priority:
            if encoder := serializer.encoder(message_type):
                return Codec(serializer.id, encoder.type_name, encoder.encode)
        name = message_type.__qualname__
        raise UnknownMessage(
            f'{name} has no wire name: put @message("app.{message_type.__name__}") above '
            f"the class, or pass Remote(messages=[{message_type.__name__}])"
        )
