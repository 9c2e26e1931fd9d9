"""Headers of one message, and the time that is left for its answer."""

from __future__ import annotations

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

Read: TypeAlias = tuple[dict[str, str] | None, float | None]


class HeaderWriter:
    """Encodes headers; fields with a timeout alone repeat, so they are kept."""

    def __init__(self) -> None:
        self._timeouts: dict[int, bytes] = {}

    def field(self, envelope: Envelope, now: float) -> bytes | None:
        """The field `message_header` of an envelope; None if its deadline has passed."""
        milliseconds = 0
        if envelope.deadline is not None:
            milliseconds = int((envelope.deadline - now) * 1000) or 1
            if envelope.deadline <= now:
                return None
        if not envelope.headers:
            return self._timeouts.get(milliseconds) or self._timeout_field(milliseconds)
        header = remote_pb2.MessageHeader(header_data=envelope.headers)
        data = header.SerializeToString()
        return delimited(FIELD, data + _timeout_entry(milliseconds))

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
    """Decodes headers; those with nothing but a timeout repeat, so it remembers them."""

    def __init__(self) -> None:
        self.known: dict[bytes, Read] = {}

    def read(self, data: bytes) -> Read:
        """Headers, and seconds until the answer is of no use."""
        headers = dict(remote_pb2.MessageHeader.FromString(data).header_data)
        timeout = _seconds(headers.pop(TIMEOUT, ""))
        if headers:
            return headers, timeout
        if len(self.known) >= REMEMBERED:
            self.known.clear()
        found = self.known[data] = (None, timeout)
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
