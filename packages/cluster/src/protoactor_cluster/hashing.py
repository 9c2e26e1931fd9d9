"""The hashes that members must agree on, bit for bit.

FNV-1a and MurmurHash3 are those of protoactor-go, MurmurHash2 is that of the
.NET hash ring. None of them resists an attacker who chooses names.
"""

from __future__ import annotations

import struct

__all__ = ["FNV_OFFSET", "fnv1a32", "murmur2_32", "murmur3_x64_64"]

FNV_OFFSET = 0x811C9DC5
FNV_PRIME = 0x01000193
MURMUR2_SEED = 0xC58F1A7A
MURMUR2_M = 0x5BD1E995
MURMUR3_C1 = 0x87C37B91114253D5
MURMUR3_C2 = 0x4CF5AD432745937F
MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF


def fnv1a32(data: bytes, state: int = FNV_OFFSET) -> int:
    """FNV-1a, 32 bits; pass an earlier result as `state` to hash a continuation.

    >>> fnv1a32(b"bar", fnv1a32(b"foo")) == fnv1a32(b"foobar")
    True
    """
    for byte in data:
        state = ((state ^ byte) * FNV_PRIME) & MASK32
    return state


def murmur2_32(data: bytes, seed: int = MURMUR2_SEED) -> int:
    """MurmurHash2, 32 bits, with the ring's seed; of nothing it is 0."""
    size = len(data)
    if not size:
        return 0
    state = (seed ^ size) & MASK32
    blocks = size >> 2
    for word in struct.unpack_from(f"<{blocks}I", data):
        word = (word * MURMUR2_M) & MASK32
        word = ((word ^ (word >> 24)) * MURMUR2_M) & MASK32
        state = ((state * MURMUR2_M) & MASK32) ^ word
    if size & 3:
        state ^= int.from_bytes(data[blocks << 2 :], "little")
        state = (state * MURMUR2_M) & MASK32
    state = ((state ^ (state >> 13)) * MURMUR2_M) & MASK32
    return state ^ (state >> 15)


def murmur3_x64_64(data: bytes, seed: int = 0) -> int:
    """The first 64 bits of MurmurHash3 x64-128."""
    h1 = h2 = seed
    blocks = len(data) >> 4
    words = struct.unpack_from(f"<{blocks * 2}Q", data)
    for k1, k2 in zip(words[::2], words[1::2], strict=True):
        h1 = (_rotated(h1 ^ _mixed1(k1), 27) + h2) & MASK64
        h1 = (h1 * 5 + 0x52DCE729) & MASK64
        h2 = (_rotated(h2 ^ _mixed2(k2), 31) + h1) & MASK64
        h2 = (h2 * 5 + 0x38495AB5) & MASK64
    tail = data[blocks << 4 :]
    h2 ^= _mixed2(int.from_bytes(tail[8:], "little")) ^ len(data)
    h1 ^= _mixed1(int.from_bytes(tail[:8], "little")) ^ len(data)
    h1 = (h1 + h2) & MASK64
    h2 = (h2 + h1) & MASK64
    return (_avalanche(h1) + _avalanche(h2)) & MASK64


def _mixed1(word: int) -> int:
    return (_rotated((word * MURMUR3_C1) & MASK64, 31) * MURMUR3_C2) & MASK64


def _mixed2(word: int) -> int:
    return (_rotated((word * MURMUR3_C2) & MASK64, 33) * MURMUR3_C1) & MASK64


def _rotated(word: int, bits: int) -> int:
    return ((word << bits) | (word >> (64 - bits))) & MASK64


def _avalanche(word: int) -> int:
    word = ((word ^ (word >> 33)) * 0xFF51AFD7ED558CCD) & MASK64
    word = ((word ^ (word >> 33)) * 0xC4CEB9FE1A85EC53) & MASK64
    return word ^ (word >> 33)
