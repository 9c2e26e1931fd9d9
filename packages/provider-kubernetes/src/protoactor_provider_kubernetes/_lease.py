"""A member as a Lease object."""

from __future__ import annotations

import math
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from lightkube.models.coordination_v1 import LeaseSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import NotARecord, decode_record, encode_record
from protoactor_provider_kubernetes._names import CLUSTER, label_of, lease_name
from protoactor_provider_kubernetes._owner import Pod

__all__ = [
    "evict",
    "is_evicted",
    "is_old_mark",
    "mark",
    "member_of",
    "new",
    "renewed",
    "revision_of",
]

MEMBER = "cluster.proto.actor/member"
NAME = "cluster.proto.actor/cluster-name"
EVICTED = "cluster.proto.actor/evicted"
KEPT = timedelta(days=1)


def new(cluster: str, member: Member, ttl: float, pod: Pod | None) -> Lease:
    """The Lease of a member that registers; raises `ValueError` if none can hold it."""
    lease = mark(cluster, member.id, ttl)
    _annotations(lease)[MEMBER] = encode_record(member).decode()
    if pod is not None and lease.metadata is not None:
        lease.metadata.ownerReferences = [pod.reference]
    return lease


def mark(cluster: str, member_id: str, ttl: float) -> Lease:
    """A Lease that describes no member."""
    return Lease(
        metadata=ObjectMeta(
            name=lease_name(cluster, member_id),
            labels={CLUSTER: label_of(cluster)},
            annotations={NAME: cluster},
        ),
        spec=LeaseSpec(
            holderIdentity=member_id,
            leaseDurationSeconds=math.ceil(ttl),
            acquireTime=_now(),
            renewTime=_now(),
        ),
    )


def renewed(lease: Lease) -> Lease:
    """The same Lease, a moment later; nobody but people reads its times."""
    assert lease.spec is not None
    lease.spec.renewTime = _now()
    return lease


def evict(lease: Lease) -> Lease:
    """A copy that is marked as of now: its member is out for good."""
    marked = renewed(deepcopy(lease))
    _annotations(marked)[EVICTED] = "true"
    return marked


def is_old_mark(lease: Lease, cluster: str) -> bool:
    """Whether it has been marked for so long that it protects from nobody."""
    if not is_evicted(lease) or _annotations(lease).get(NAME) != cluster:
        return False
    marked = lease.spec.renewTime if lease.spec is not None else None
    return marked is not None and datetime.now(UTC) - marked > KEPT


def is_evicted(lease: Lease) -> bool:
    return EVICTED in _annotations(lease)


def member_of(lease: Lease, cluster: str) -> Member | None:
    """The member it describes; None if it is of another cluster.

    Raises `NotARecord`.
    """
    annotations = _annotations(lease)
    if annotations.get(NAME) != cluster:
        return None
    if MEMBER not in annotations or lease.spec is None:
        raise NotARecord(f"it has no annotation {MEMBER}")
    member = decode_record(annotations[MEMBER].encode(), lease.spec.holderIdentity)
    if lease.metadata is None or lease.metadata.name != lease_name(cluster, member.id):
        raise NotARecord("its name is not that of its member's Lease")
    return member


def revision_of(lease: Lease) -> int:
    """The store's revision at its last change."""
    assert lease.metadata is not None
    return int(lease.metadata.resourceVersion or 0)


def _annotations(lease: Lease) -> dict[str, str]:
    metadata = cast(Any, lease.metadata)  # lightkube does not say what its dicts hold
    if metadata.annotations is None:
        metadata.annotations = dict[str, str]()
    annotations: dict[str, str] = metadata.annotations
    return annotations


def _now() -> datetime:
    """Kubernetes wants exactly six digits behind the second, so never none."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=max(moment.microsecond, 1))
