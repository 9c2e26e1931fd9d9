"""Turns queued messages into frames for one peer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from protoactor import PID, Envelope
from protoactor.errors import ActorError, Expired
from protoactor.spi import TAKEN, WITHDRAWN
from protoactor_remote._frame_builder import EnvelopeFields, FrameBuilder
from protoactor_remote._headers import HeaderWriter
from protoactor_remote._peer_types import PeerTypes
from protoactor_remote.errors import MessageTooLarge, UnknownMessage

__all__ = ["BatchEncoder", "Item", "Refuse"]

Item: TypeAlias = tuple[PID, object]
"""A target, and a message or `Envelope` for it."""

Refuse: TypeAlias = Callable[[PID, object, ActorError], None]
"""Takes an item that cannot be sent, and why."""

SHARE_FOR_TABLES = 16
"""One part in so many of a frame is left for names, ids and field tags."""


class SentType:
    """How one class travels to this peer, and how many went."""

    __slots__ = ("count", "encode", "name", "name_of", "serializer_id")

    def __init__(
        self,
        serializer_id: int,
        name: bytes,
        name_of: Callable[[Any], str] | None,
        encode: Callable[[Any], bytes],
    ) -> None:
        self.serializer_id = serializer_id
        self.name = name
        self.name_of = name_of
        self.encode = encode
        self.count = 0


class BatchEncoder:
    """Encodes what may be sent, and refuses the rest, message by message."""

    def __init__(
        self,
        own_address: str,
        types: PeerTypes,
        refuse: Refuse,
        *,
        batch_size: int,
        max_frame_bytes: int,
    ) -> None:
        self._own_address = own_address
        self._types = types
        self._refuse_item = refuse
        self._batch_size = batch_size
        self._limit = max_frame_bytes - max_frame_bytes // SHARE_FOR_TABLES
        self._headers = HeaderWriter()
        self._fields = EnvelopeFields()
        self._sent: dict[type, SentType] = {}

    def sent(self) -> list[tuple[str, int]]:
        """Names of types, and how many messages of each were encoded."""
        return [
            (sent.name.decode() or cls.__qualname__, sent.count)
            for cls, sent in self._sent.items()
        ]

    def encode(self, items: list[Item], start: int, now: float) -> tuple[bytes, int]:
        """The next frame and the index behind its last item; empty if none can be sent.

        What it refuses is replaced by None. Longer than a function should be: it
        runs for every message, and each call in here costs a tenth of it.
        """
        frame = FrameBuilder(self._own_address, self._fields)
        add, types, room = frame.add, self._sent, self._limit
        for index in range(start, min(len(items), start + self._batch_size)):
            target, item = items[index]
            message: Any = item
            sender, header = None, b""
            try:
                if isinstance(item, Envelope):
                    if item.state == WITHDRAWN:
                        continue
                    message, sender = item.message, item.sender
                    if item.deadline is not None or item.headers:
                        field = self._headers.field(item, now)
                        if field is None:
                            raise Expired(target, 0.0)
                        header = field
                cls: type[Any] = message.__class__
                sent = types.get(cls) or self._learn(cls)
                data = sent.encode(message)
                size = len(data) + len(header) + 16
                if size > room - frame.tables:
                    if size > self._limit:
                        raise MessageTooLarge(cls.__qualname__, len(data), self._limit)
                    return frame.build(), index
                name = sent.name or self._name(sent, message)
                add(name, sent.serializer_id, data, target, sender, header)
            except Exception as error:
                self._refuse(items, index, error)
                continue
            if message is not item:
                item.state = TAKEN  # type: ignore[attr-defined]  # it is an envelope
            room -= size
            sent.count += 1
        return frame.build(), min(len(items), start + self._batch_size)

    def _learn(self, message_type: type) -> SentType:
        codec = self._types.codec(message_type)
        fixed = codec.type_name if isinstance(codec.type_name, str) else ""
        name_of = None if isinstance(codec.type_name, str) else codec.type_name
        sent = SentType(codec.serializer_id, fixed.encode(), name_of, codec.encode)
        self._sent[message_type] = sent
        return sent

    @staticmethod
    def _name(sent: SentType, message: object) -> bytes:
        assert sent.name_of is not None
        return sent.name_of(message).encode()

    def _refuse(self, items: list[Item], index: int, error: Exception) -> None:
        target, item = items[index]
        items[index] = (target, None)
        if not isinstance(error, ActorError):
            message = item.message if isinstance(item, Envelope) else item
            name = type(message).__qualname__
            error = UnknownMessage(f"a {name} could not be encoded: {error}")
        self._refuse_item(target, item, error)
