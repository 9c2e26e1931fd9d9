"""Headers of one message, and the time that is left for its answer."""

from __future__ import annotations

from collections.abc import Mapping

from protoactor_remote._varint import delimited
from protoactor_remote.wire import remote_pb2

__all__ = ["TIMEOUT", "HeaderReader", "HeaderWriter"]

TIMEOUT = "protoactor-timeout-ms"
"""Milliseconds that are left: no clocks need to agree."""
FIELD = b"\x32"
ENTRY = b"\x0a"
REMEMBERED = 4096


class HeaderWriter:
    """Encodes headers; fields with a timeout alone repeat, so they are kept."""

    def __init__(self) -> None:
        self.timeouts: dict[int, bytes] = {}
        """Whole fields for a timeout alone, by its milliseconds."""

    def field(
        self, headers: Mapping[str, str] | None, remaining: float | None
    ) -> bytes:
        """The field `message_header` of an envelope; `remaining` is in seconds."""
        milliseconds = 0 if remaining is None else max(1, int(remaining * 1000))
        if not headers:
            return self._timeout_field(milliseconds)
        data = remote_pb2.MessageHeader(header_data=headers).SerializeToString()
        return delimited(FIELD, data + _timeout_entry(milliseconds))

    def _timeout_field(self, milliseconds: int) -> bytes:
        field = self.timeouts.get(milliseconds)
        if field is None:
            if len(self.timeouts) >= REMEMBERED:
                self.timeouts.clear()
            entry = _timeout_entry(milliseconds)
            field = delimited(FIELD, entry) if entry else b""
            self.timeouts[milliseconds] = field
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
        self._timeouts: dict[bytes, float | None] = {}

    def read(self, data: bytes) -> tuple[dict[str, str] | None, float | None]:
        """Headers, and seconds until the answer is of no use."""
        if data in self._timeouts:
            return None, self._timeouts[data]
        headers = dict(remote_pb2.MessageHeader.FromString(data).header_data)
        timeout = _seconds(headers.pop(TIMEOUT, ""))
        if headers:
            return headers, timeout
        if len(self._timeouts) >= REMEMBERED:
            self._timeouts.clear()
        self._timeouts[data] = timeout
        return None, timeout


def _seconds(milliseconds: str) -> float | None:
    """What another system wrote may be anything; nonsense counts as no deadline."""
    if (
        not milliseconds.isascii()
        or not milliseconds.isdigit()
        or len(milliseconds) > 10
    ):
        return None
    return int(milliseconds) / 1000
