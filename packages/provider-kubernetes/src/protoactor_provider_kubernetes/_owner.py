"""The pod whose end takes a member's Lease along."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from lightkube.models.meta_v1 import OwnerReference

__all__ = ["Pod"]


@dataclass(frozen=True, slots=True)
class Pod:
    """Name and uid of the pod this process runs in."""

    name: str
    uid: str

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """The pod that `POD_NAME` and `POD_UID` name, as the downward API sets them."""
        name, uid = environment.get("POD_NAME"), environment.get("POD_UID")
        return cls(name, uid) if name and uid else None

    @property
    def reference(self) -> OwnerReference:
        return OwnerReference(apiVersion="v1", kind="Pod", name=self.name, uid=self.uid)
