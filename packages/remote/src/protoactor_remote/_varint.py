"""Protobuf's variable-length integers, by table."""

from __future__ import annotations

__all__ = ["delimited", "varint"]

ONE_OR_TWO = [
    bytes((n,)) if n < 128 else bytes((n & 127 | 128, n >> 7)) for n in range(1 << 14)
]
MORE_FOLLOWS = [bytes((n & 127 | 128, n >> 7 | 128)) for n in range(1 << 14)]


def varint(n: int) -> bytes:
    """`n`, which is not negative, as a varint."""
    if n < 0x4000:
        return ONE_OR_TWO[n]
    return MORE_FOLLOWS[n & 0x3FFF] + varint(n >> 14)


def delimited(tag: bytes, data: bytes) -> bytes:
    """A length-delimited field."""
    return tag + varint(len(data)) + data
