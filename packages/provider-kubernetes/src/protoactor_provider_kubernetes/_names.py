"""Names that Kubernetes accepts, for names that know no such limits."""

from __future__ import annotations

import hashlib
import re

__all__ = ["CLUSTER", "label_of", "lease_name"]

CLUSTER = "cluster.proto.actor/cluster"
"""The label that protoactor-go gives to the pods of a cluster."""
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
UNSAFE = re.compile(r"[^a-z0-9]+")
SHORT = 40


def label_of(cluster: str) -> str:
    """The label's value: the name if it may be one, else what is left of it and a hash."""
    if LABEL.fullmatch(cluster):
        return cluster
    return f"{_slug(cluster)}-{_hash(cluster)}"


def lease_name(cluster: str, member_id: str) -> str:
    """A DNS name; member ids differ in case, which DNS names do not."""
    return f"proto-actor-{_slug(cluster)}-{_hash(f'{cluster}/{member_id}')}"


def _slug(text: str) -> str:
    return UNSAFE.sub("-", text.lower()).strip("-")[:SHORT].strip("-") or "x"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
