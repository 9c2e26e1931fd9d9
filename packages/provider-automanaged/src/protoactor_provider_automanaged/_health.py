"""What `GET /_health` answers: protoactor-go's JSON, read without trust."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from protoactor_cluster.provider import Member

__all__ = ["BadHealth", "Health"]


class BadHealth(ValueError):
    """An answer that does not describe a member."""


@dataclass(frozen=True, slots=True)
class Health:
    """A member of a cluster, as it describes itself to whoever asks."""

    member: Member
    cluster: str

    def to_json(self, port: int) -> bytes:
        """protoactor-go's keys in its order, then `metadata`, which it ignores.

        `port` is the one that answers: `auto_manage_port`.
        """
        fields: dict[str, object] = {
            "id": self.member.id,
            "address": self.member.host,
            "auto_manage_port": port,
            "port": self.member.port,
            "kinds": sorted(self.member.kinds),
            "cluster_name": self.cluster,
        }
        if self.member.metadata:
            fields["metadata"] = dict(self.member.metadata)
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        return text.encode() + b"\n"

    @classmethod
    def from_json(cls, body: bytes) -> Health:
        """Read an answer; keys that nobody knows are ignored. Raises `BadHealth`."""
        fields = _parsed(body)
        member = Member(
            id=_name(fields.get("id"), "id"),
            host=_name(fields.get("address"), "address"),
            port=_port(fields.get("port")),
            kinds=_kinds(fields.get("kinds")),
            metadata=_metadata(fields.get("metadata")),
        )
        return cls(member, _text(fields.get("cluster_name"), "cluster_name"))


def _parsed(body: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadHealth(f"no JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadHealth("no JSON object")
    return cast("dict[str, object]", value)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise BadHealth(f"{key} is no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadHealth(f"{key} has half a character") from None
    return value


def _name(value: object, key: str) -> str:
    name = _text(value, key)
    if not name or not name.isprintable():
        raise BadHealth(f"{key} is no name")
    return name


def _port(value: object) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise BadHealth("port is no port")
    return value


def _kinds(value: object) -> frozenset[str]:
    """Go writes a list that it never filled as null."""
    if value is None:
        return frozenset()
    if not isinstance(value, list):
        raise BadHealth("kinds is no list")
    kinds = cast("list[object]", value)
    return frozenset(_name(kind, "kinds") for kind in kinds)


def _metadata(value: object) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise BadHealth("metadata is no object")
    pairs = cast("dict[str, object]", value).items()
    return tuple((_text(k, "metadata"), _text(v, "metadata")) for k, v in pairs)
