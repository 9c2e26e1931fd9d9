"""A member as JSON, exactly as protoactor-go keeps it in etcd and in ZooKeeper."""

from __future__ import annotations

from typing import Annotated

import msgspec

from protoactor_cluster.provider import Member

__all__ = ["MAX_RECORD", "NotARecord", "decode_record", "encode_record"]

MAX_RECORD = 64 * 1024


class NotARecord(ValueError):
    """An entry of the store does not describe a member."""


class _Record(msgspec.Struct):
    id: str
    name: str
    host: str
    address: str
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    kinds: list[str] | None
    alive: bool = True
    metadata: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


_decoder = msgspec.json.Decoder(_Record)


def encode_record(member: Member) -> bytes:
    """The record of a member; raises `ValueError` for one it cannot hold."""
    if not member.id or "/" in member.id:
        raise ValueError(f"member id {member.id!r} must not be empty or contain '/'")
    metadata = dict(member.metadata)
    if len(metadata) < len(member.metadata):
        raise ValueError(f"metadata of {member} names a key twice: {member.metadata}")
    record = _Record(
        id=member.id,
        name=member.id,
        host=member.host,
        address=member.host,
        port=member.port,
        kinds=sorted(member.kinds),
        metadata=metadata or msgspec.UNSET,
    )
    value = msgspec.json.encode(record)
    if decode_record(value) != member:
        raise ValueError(f"{member!r} cannot be read back from its record")
    return value


def decode_record(value: bytes, member_id: str | None = None) -> Member:
    """The member that a record describes, of this id if one is expected.

    Raises `NotARecord`.
    """
    if len(value) > MAX_RECORD:
        raise NotARecord(f"{len(value)} bytes are more than a member may need")
    try:
        record = _decoder.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotARecord(str(error)) from error
    if member_id not in (None, record.id):
        raise NotARecord(f"the record is of {record.id!r}")
    if not record.id:
        raise NotARecord("the record has no id")
    host = record.host or record.address  # as protoactor-go reads it
    if not host:
        raise NotARecord("the record has no host")
    metadata = () if record.metadata is msgspec.UNSET else record.metadata.items()
    kinds = frozenset(record.kinds or ())
    return Member(record.id, host, record.port, kinds, tuple(metadata))
