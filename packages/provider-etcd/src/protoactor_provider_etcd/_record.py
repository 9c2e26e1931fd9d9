"""A member as a key and a JSON record, exactly as protoactor-go keeps it in etcd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from protoactor_cluster.provider import Member

__all__ = ["Folder", "NotARecord", "decode", "encode"]

MAX_RECORD = 64 * 1024


class NotARecord(ValueError):
    """The key or its value does not describe a member."""


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


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one cluster's members lie: `<prefix>/<cluster>/<member id>`."""

    prefix: str
    cluster: str

    @property
    def path(self) -> str:
        """Ends with `/`, and no other cluster's path begins with it."""
        return f"{self.prefix}/{self._escaped}/"

    def key(self, member_id: str) -> str:
        return self.path + member_id

    def mark(self, member_id: str) -> str:
        """The key that says that others have dropped this member.

        Outside of every cluster's path: `%` in a cluster's name is escaped.
        """
        return f"{self.prefix}/%evicted/{self._escaped}/{member_id}"

    def member_id(self, key: bytes) -> str:
        """The last segment of a key in this folder; raises `NotARecord`."""
        try:
            member_id = key.decode().removeprefix(self.path)
        except UnicodeDecodeError as error:
            raise NotARecord("the key is not UTF-8") from error
        if not member_id or "/" in member_id:
            raise NotARecord("the key does not end with a member id")
        return member_id

    @property
    def _escaped(self) -> str:
        return self.cluster.replace("%", "%25").replace("/", "%2F")


def encode(member: Member) -> bytes:
    """The record of a member; raises `ValueError` for one that etcd cannot hold."""
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
    if decode(member.id, value) != member:
        raise ValueError(f"{member!r} cannot be read back from its record")
    return value


def decode(member_id: str, value: bytes) -> Member:
    """The member that a record describes; raises `NotARecord`."""
    if len(value) > MAX_RECORD:
        raise NotARecord(f"{len(value)} bytes are more than a member may need")
    try:
        record = _decoder.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotARecord(str(error)) from error
    if record.id != member_id:
        raise NotARecord(f"the record is of {record.id!r}")
    host = record.host or record.address  # as protoactor-go reads it
    if not host:
        raise NotARecord("the record has no host")
    metadata = () if record.metadata is msgspec.UNSET else record.metadata.items()
    kinds = frozenset(record.kinds or ())
    return Member(record.id, host, record.port, kinds, tuple(metadata))
