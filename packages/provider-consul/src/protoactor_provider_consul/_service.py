"""A member as a service of Consul, registered as protoactor-go does it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import MAX_RECORD, NotARecord, Timing

__all__ = [
    "check_id",
    "decode_service",
    "encode_service",
    "is_critical",
    "service_name",
]

VALUE = 500
"""Consul takes no longer values than 512 characters."""
PIECES = 60
"""Consul takes no more than 64 values."""
METADATA = re.compile(r"metadata-(\d+)")


def service_name(cluster: str) -> str:
    """Consul takes any name, but its URLs have no room for a `/`."""
    if not cluster:
        raise ValueError("the cluster needs a name")
    return cluster.replace("%", "%25").replace("/", "%2F")


def check_id(member_id: str) -> str:
    """The check that Consul makes for a service."""
    return f"service:{member_id}"


def encode_service(
    cluster: str, member: Member, timing: Timing, deregister_critical: float
) -> dict[str, object]:
    """What to register; raises `ValueError` for a member that Consul cannot hold."""
    if not member.id or "/" in member.id:
        raise ValueError(f"member id {member.id!r} must not be empty or contain '/'")
    if not member.host:
        raise ValueError(f"{member} has no host")
    if not 0 <= member.port <= 65535:
        raise ValueError(f"{member} has no port that there is")
    return {
        "ID": member.id,
        "Name": service_name(cluster),
        "Tags": sorted(member.kinds),
        "Address": member.host,
        "Port": member.port,
        "Meta": {"id": member.id, **dict(_metadata(member))},
        "Check": {
            "TTL": f"{timing.ttl:.3f}s",
            "Status": "passing",
            "DeregisterCriticalServiceAfter": f"{deregister_critical:.3f}s",
        },
    }


def decode_service(service: object) -> Member:
    """The member that a service is; raises `NotARecord`."""
    match service:
        case {"Address": str(host), "Port": int(port), "Meta": {"id": str(id)}}:
            known = cast("Mapping[str, Any]", service)
        case _:
            raise NotARecord("it has no address, no port, or no id among its Meta")
    tags: list[str] = known.get("Tags") or []
    if not (id and host and 0 <= port <= 65535 and _texts(tags)):
        raise NotARecord("its id, address, port or tags are none of a member")
    if len(json.dumps(service)) > MAX_RECORD:
        raise NotARecord(f"it is larger than {MAX_RECORD} bytes")
    return Member(id, host, port, frozenset(tags), _read_metadata(known["Meta"]))


def is_critical(entry: Mapping[str, Any]) -> bool:
    """Whether a check, of the service or of its node, says that it is out of order."""
    checks: object = entry.get("Checks")
    if not isinstance(checks, list):
        return True
    statuses = [check.get("Status") for check in cast("list[dict[str, Any]]", checks)]
    return not statuses or any(status == "critical" for status in statuses)


def _metadata(member: Member) -> Iterator[tuple[str, str]]:
    """In pieces, and not by key: Consul keeps no order, and not every key."""
    if member.metadata:
        text = json.dumps([list(pair) for pair in member.metadata])
        for number, start in enumerate(range(0, len(text), VALUE)):
            if number > PIECES:
                raise ValueError(f"the metadata of {member} is too large for Consul")
            yield f"metadata-{number}", text[start : start + VALUE]


def _read_metadata(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    pieces = {
        int(found[1]): meta[key] for key in meta if (found := METADATA.fullmatch(key))
    }
    if not pieces:
        return ()
    try:
        pairs = json.loads("".join(pieces[number] for number in sorted(pieces)))
        metadata = tuple((key, value) for key, value in pairs)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotARecord(f"its metadata is none: {error}") from error
    if not _texts([text for pair in metadata for text in pair]):
        raise NotARecord("its metadata is no text")
    return metadata


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, str) for value in cast("list[object]", values)
    )
