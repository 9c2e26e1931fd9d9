"""What members publish, and its form on the wire."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from google.protobuf.message import DecodeError, Message
from google.protobuf.wrappers_pb2 import BytesValue

from protoactor_cluster.gossip_entry import GossipValue

__all__ = ["pack", "pack_any", "unpack"]

T = TypeVar("T")
MessageT = TypeVar("MessageT", bound=Message)
PREFIX = "type.googleapis.com/"


def pack(value: Message) -> GossipValue:
    """A protobuf message, as protoactor-go sends it."""
    return GossipValue(PREFIX + value.DESCRIPTOR.full_name, value.SerializeToString())


def pack_any(value: object) -> GossipValue:
    """A protobuf message, or whatever msgspec encodes. Raises `TypeError`."""
    if isinstance(value, Message):
        return pack(value)
    return pack(BytesValue(value=msgspec.msgpack.encode(value)))


def unpack(value: GossipValue, wanted: type[T]) -> T:
    """Raises `ValueError` if it is something else."""
    if issubclass(wanted, Message):
        return _parse(value, wanted)
    return msgspec.msgpack.decode(_parse(value, BytesValue).value, type=wanted)


def _parse(value: GossipValue, wanted: type[MessageT]) -> MessageT:
    name = value.type_url.rpartition("/")[2]
    if name != wanted.DESCRIPTOR.full_name:
        raise ValueError(f"a {name} is no {wanted.DESCRIPTOR.full_name}")
    try:
        return wanted.FromString(value.data)
    except DecodeError as error:
        raise ValueError(f"no {name}: {error}") from error
