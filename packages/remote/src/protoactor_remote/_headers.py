"""Headers of one message, and the time that is left for its answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from protoactor import Envelope
from protoactor_remote._varint import delimited
from protoactor_remote.wire import remote_pb2

__all__ = ["TIMEOUT", "HeaderReader", "HeaderWriter"]

TIMEOUT = "protoactor-timeout-ms"
"""Milliseconds that are left: no clocks need to agree."""
FIELD = b"\x32"
ENTRY = b"\x0a"
REMEMBERED = 4096
LONGEST_REMEMBERED = 256
"""Bytes, so that what others send cannot fill the memory."""

Read: TypeAlias = tuple[Mapping[str, str] | None, float | None]


class HeaderWriter:
    """Encodes headers; those that repeat are kept: none but a timeout, or the last."""

    def __init__(self) -> None:
        self._timeouts: dict[int, bytes] = {}
        self._last: dict[str, str] = {}
        self._last_data = b""
        self._last_fields: dict[int, bytes] = {}

    def field(self, envelope: Envelope, now: float) -> bytes | None:
        """The field `message_header` of an envelope; None if its deadline has passed."""
        milliseconds = 0
        if envelope.deadline is not None:
            milliseconds = int((envelope.deadline - now) * 1000) or 1
            if envelope.deadline <= now:
                return None
        if not envelope.headers:
            return self._timeouts.get(milliseconds) or self._timeout_field(milliseconds)
        if envelope.headers != self._last:
            self._keep(dict(envelope.headers))
        fields = self._last_fields
        field = fields.get(milliseconds)
        if field is None:
            data = self._last_data + _timeout_entry(milliseconds)
            field = fields[milliseconds] = delimited(FIELD, data)
        return field

    def _keep(self, headers: dict[str, str]) -> None:
        header = remote_pb2.MessageHeader(header_data=headers)
        self._last_data = header.SerializeToString()
        self._last = headers
        self._last_fields = {}

    def _timeout_field(self, milliseconds: int) -> bytes:
        if len(self._timeouts) >= REMEMBERED:
            self._timeouts.clear()
        entry = _timeout_entry(milliseconds)
        field = delimited(FIELD, entry) if entry else b""
        self._timeouts[milliseconds] = field
        return field


def _timeout_entry(milliseconds: int) -> bytes:
    if not milliseconds:
        return b""
    value = str(milliseconds).encode()
    entry = delimited(b"\x0a", TIMEOUT.encode()) + delimited(b"\x12", value)
    return delimited(ENTRY, entry)


class HeaderReader:
    """Decodes headers, and remembers them: most differ in nothing or in the timeout."""

    def __init__(self) -> None:
        self.known: dict[bytes, Read] = {}

    def read(self, data: bytes) -> Read:
        """Headers, and seconds until the answer is of no use."""
        headers = dict(remote_pb2.MessageHeader.FromString(data).header_data)
        timeout = _seconds(headers.pop(TIMEOUT, ""))
        found = (MappingProxyType(headers) if headers else None, timeout)
        if len(data) <= LONGEST_REMEMBERED:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[data] = found
        return found


def _seconds(milliseconds: str) -> float | None:
    """What another system wrote may be anything; nonsense counts as no deadline."""
    if (
        not milliseconds.isascii()
        or not milliseconds.isdigit()
        or len(milliseconds) > 10
    ):
        return None
    return int(milliseconds) / 1000
