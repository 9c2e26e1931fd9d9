"""Writes queued messages as the bytes of one RemoteMessage with a MessageBatch.

Written by hand, fields in the order of their numbers as protobuf does it: building
an object per envelope costs more than everything else here together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from protoactor import LOCAL_ADDRESS, PID, Envelope
from protoactor.errors import ActorError, Expired
from protoactor.spi import TAKEN, WITHDRAWN
from protoactor_remote._headers import HeaderWriter
from protoactor_remote._peer_types import PeerTypes
from protoactor_remote._varint import delimited, varint
from protoactor_remote.errors import MessageTooLarge, UnknownMessage

__all__ = ["BatchEncoder", "Item", "Refuse"]

Item: TypeAlias = tuple[PID, object]
"""A target, and a message or `Envelope` for it."""

Refuse: TypeAlias = Callable[[PID, object, ActorError], None]
"""Takes an item that cannot be sent, and why."""

REMEMBERED = 1 << 15
LOW_24, LOW_32 = (1 << 24) - 1, (1 << 32) - 1
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
    """Makes frames for one peer."""

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
        self._refuse = refuse
        self._batch_size = batch_size
        self._limit = max_frame_bytes - max_frame_bytes // SHARE_FOR_TABLES
        self._headers = HeaderWriter()
        self._sent: dict[type, SentType] = {}
        self._prefixes: dict[int, bytes] = {}
        self._suffixes: dict[int, bytes] = {}

    def sent(self) -> list[tuple[str, int]]:
        """Names of types, and how many messages of each were encoded."""
        return [
            (sent.name.decode() or cls.__qualname__, sent.count)
            for cls, sent in self._sent.items()
        ]

    def encode(self, items: list[Item], start: int, now: float) -> tuple[bytes, int]:
        """The next frame and the index behind its last item; empty if none can be sent.

        What it refuses is replaced by None. One function, because it runs for every
        message and a call costs a tenth of it.
        """
        names: dict[bytes, int] = {}
        targets: dict[str, int] = {}
        senders: dict[object, int] = {}
        envelopes: list[bytes] = []
        add = envelopes.append
        types, prefixes, suffixes = self._sent, self._prefixes, self._suffixes
        timeouts = self._headers.timeouts
        own, limit, size = self._own_address, self._limit, 0
        index, stop = start, min(len(items), start + self._batch_size)
        while index < stop:
            target, item = items[index]
            index += 1
            message: Any = item
            sender = envelope = None
            tail = b""
            try:
                if isinstance(item, Envelope):
                    if item.state == WITHDRAWN:
                        continue
                    envelope, message, sender = item, item.message, item.sender
                    deadline = item.deadline
                    if deadline is not None and not item.headers:
                        tail = timeouts.get(int((deadline - now) * 1000), b"")
                    if not tail and (deadline is not None or item.headers):
                        tail = self._header(target, item, now)
                cls: type[Any] = message.__class__
                sent = types.get(cls) or self._learn(cls)
                data = sent.encode(message)
                name = sent.name or self._name(sent, message)
            except Exception as error:
                items[index - 1] = (target, None)
                self._refuse(target, item, _explained(error, message))
                continue
            length = len(data)
            cost = length + len(tail) + 16
            if size + cost > limit:
                if cost <= limit:
                    return self._frame(names, targets, senders, envelopes), index - 1
                items[index - 1] = (target, None)
                self._refuse_too_large(target, item, message, length)
                continue
            size += cost
            if envelope is not None:
                envelope.state = TAKEN
            sent.count += 1
            name_index = names.setdefault(name, len(names))
            target_index = targets.setdefault(target[1], len(targets))
            sender_index = 0
            if target[2]:
                tail += b"\x38" + varint(target[2])
            if sender is not None:
                key: object = sender[1]
                if sender[0] != own and sender[0] != LOCAL_ADDRESS and sender[0]:
                    key = sender[:2]
                sender_index = senders.setdefault(key, len(senders)) + 1
                if sender[2]:
                    tail += b"\x40" + varint(sender[2])
            suffix_key = target_index | sender_index << 24 | sent.serializer_id << 48
            suffix = suffixes.get(suffix_key)
            if suffix is None:
                suffix = self._suffix(suffix_key)
            if tail:
                suffix += tail
            prefix_key = name_index | len(suffix) << 24 | length << 56
            prefix = prefixes.get(prefix_key)
            if prefix is None:
                prefix = self._prefix(prefix_key)
            add(prefix)
            add(data)
            add(suffix)
        return self._frame(names, targets, senders, envelopes), index

    def _frame(
        self,
        names: dict[bytes, int],
        targets: dict[str, int],
        senders: dict[Any, int],
        envelopes: list[bytes],
    ) -> bytes:
        if not envelopes:
            return b""
        batch = b"".join(
            (
                *[delimited(b"\x0a", name) for name in names],
                *[delimited(b"\x12", id.encode()) for id in targets],
                *envelopes,
                *[delimited(b"\x22", self._pid(sender)) for sender in senders],
            )
        )
        return delimited(b"\x0a", batch)

    def _pid(self, sender: str | tuple[str, str]) -> bytes:
        address, id = (self._own_address, sender) if isinstance(sender, str) else sender
        return delimited(b"\x0a", address.encode()) + delimited(b"\x12", id.encode())

    def _header(self, target: PID, envelope: Envelope, now: float) -> bytes:
        remaining = None
        if envelope.deadline is not None:
            remaining = envelope.deadline - now
            if remaining <= 0:
                raise Expired(target, remaining)
        return self._headers.field(envelope.headers, remaining)

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

    def _refuse_too_large(
        self, target: PID, item: object, message: object, size: int
    ) -> None:
        name = type(message).__qualname__
        self._refuse(target, item, MessageTooLarge(name, size, self._limit))

    def _prefix(self, key: int) -> bytes:
        """Tag and length of an envelope, its type, and tag and length of its data."""
        name_index, rest, length = key & LOW_24, key >> 24 & LOW_32, key >> 56
        fields = b"\x08" + varint(name_index) if name_index else b""
        if length:
            fields += b"\x12" + varint(length)
        prefix = b"\x1a" + varint(len(fields) + length + rest) + fields
        return _remember(self._prefixes, key, prefix)

    def _suffix(self, key: int) -> bytes:
        """Target, sender and serializer of an envelope."""
        values = (key & LOW_24, key >> 24 & LOW_24, key >> 48)
        tagged = zip((b"\x18", b"\x20", b"\x28"), values, strict=True)
        suffix = b"".join([tag + varint(value) for tag, value in tagged if value])
        return _remember(self._suffixes, key, suffix)


def _remember(cache: dict[int, bytes], key: int, value: bytes) -> bytes:
    if len(cache) >= REMEMBERED:
        cache.clear()
    cache[key] = value
    return value


def _explained(error: Exception, message: object) -> ActorError:
    if isinstance(error, ActorError):
        return error
    name = type(message).__qualname__
    return UnknownMessage(f"a {name} could not be encoded: {error}")
