"""Writes a RemoteMessage with a MessageBatch, byte by byte.

By hand, fields in the order of their numbers as protobuf does it: building an object
per envelope costs more than everything else together. What repeats is looked up.
"""

from __future__ import annotations

from typing import TypeAlias

from protoactor import LOCAL_ADDRESS, PID
from protoactor_remote._varint import delimited, varint

__all__ = ["EnvelopeFields", "FrameBuilder"]

Sender: TypeAlias = str | tuple[str, str]
"""An id of this node, or address and id."""

REMEMBERED = 1 << 15
LOW_24, LOW_32 = (1 << 24) - 1, (1 << 32) - 1


class EnvelopeFields:
    """The bytes around an envelope's data, remembered across frames."""

    def __init__(self) -> None:
        self.prefixes: dict[int, bytes] = {}
        self.suffixes: dict[int, bytes] = {}

    def prefix(self, key: int) -> bytes:
        """Tag and length of an envelope, its type, and tag and length of its data.

        The key holds the type's index, the length of what follows the data, and
        the length of the data.
        """
        name_index, rest, length = key & LOW_24, key >> 24 & LOW_32, key >> 56
        fields = b"\x08" + varint(name_index) if name_index else b""
        if length:
            fields += b"\x12" + varint(length)
        prefix = b"\x1a" + varint(len(fields) + length + rest) + fields
        return _remember(self.prefixes, key, prefix)

    def suffix(self, key: int) -> bytes:
        """Target, sender and serializer, whose numbers the key holds."""
        numbers = (key & LOW_24, key >> 24 & LOW_24, key >> 48)
        tagged = zip((b"\x18", b"\x20", b"\x28"), numbers, strict=True)
        suffix = b"".join([tag + varint(number) for tag, number in tagged if number])
        return _remember(self.suffixes, key, suffix)


class FrameBuilder:
    """One frame. Names, targets and senders are written once and referred to."""

    def __init__(self, own_address: str, fields: EnvelopeFields) -> None:
        self._own_address = own_address
        self._fields = fields
        self.tables = 0
        """Bytes of names, targets and senders."""
        self._names: dict[bytes, int] = {}
        self._targets: dict[str, int] = {}
        self._senders: dict[Sender, int] = {}
        """Counted from 1: 0 is no sender."""
        self._name_fields: list[bytes] = []
        self._target_fields: list[bytes] = []
        self._sender_fields: list[bytes] = []
        self._envelopes: list[bytes] = []

    def add(
        self,
        name: bytes,
        serializer_id: int,
        data: bytes,
        target: PID,
        sender: PID | None,
        header: bytes,
    ) -> None:
        """Append an envelope. `header` is the whole field, or empty.

        Raises `UnicodeEncodeError` for ids that are no text; nothing is added then.
        """
        name_index = self._names.get(name)
        if name_index is None:
            name_index = self._new_name(name)
        key = self._targets.get(target[1])
        if key is None:
            key = self._new_target(target[1])
        tail = header
        if target[2]:
            tail += b"\x38" + varint(target[2])
        if sender is not None:
            key |= self._sender_index(sender) << 24
            if sender[2]:
                tail += b"\x40" + varint(sender[2])
        fields, key = self._fields, key | serializer_id << 48
        suffix = fields.suffixes.get(key)
        if suffix is None:
            suffix = fields.suffix(key)
        suffix += tail
        key = name_index | len(suffix) << 24 | len(data) << 56
        prefix = fields.prefixes.get(key) or fields.prefix(key)
        self._envelopes += (prefix, data, suffix)

    def build(self) -> bytes:
        """The frame; empty if nothing was added."""
        if not self._envelopes:
            return b""
        batch = b"".join(
            (
                *self._name_fields,
                *self._target_fields,
                *self._envelopes,
                *self._sender_fields,
            )
        )
        return delimited(b"\x0a", batch)

    def _new_name(self, name: bytes) -> int:
        self._append(self._name_fields, delimited(b"\x0a", name))
        index = self._names[name] = len(self._names)
        return index

    def _new_target(self, id: str) -> int:
        self._append(self._target_fields, delimited(b"\x12", id.encode()))
        index = self._targets[id] = len(self._targets)
        return index

    def _append(self, table: list[bytes], field: bytes) -> None:
        table.append(field)
        self.tables += len(field)

    def _sender_index(self, sender: PID) -> int:
        who: Sender = sender[1]
        if sender[0] != self._own_address:
            who = self._known_as(sender)
        index = self._senders.get(who)
        if index is None:
            self._append(self._sender_fields, delimited(b"\x22", self._pid(who)))
            index = self._senders[who] = len(self._senders) + 1
        return index

    @staticmethod
    def _known_as(sender: PID) -> Sender:
        """Processes of this node are known by their id alone."""
        address = sender.address
        own = address == LOCAL_ADDRESS or not address
        return sender.id if own else (address, sender.id)

    def _pid(self, sender: Sender) -> bytes:
        address, id = (self._own_address, sender) if isinstance(sender, str) else sender
        return delimited(b"\x0a", address.encode()) + delimited(b"\x12", id.encode())


def _remember(cache: dict[int, bytes], key: int, value: bytes) -> bytes:
    if len(cache) >= REMEMBERED:
        cache.clear()
    cache[key] = value
    return value
