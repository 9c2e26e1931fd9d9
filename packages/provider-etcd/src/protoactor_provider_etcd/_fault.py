"""What a call to etcd can end in, in our words."""

from __future__ import annotations

import grpc

from protoactor_cluster.spi import Fault, Refused, Unavailable

__all__ = ["Compacted", "LeaseGone", "Oversized", "fault"]


class Oversized(Fault):
    """The answer is larger than we are ready to receive."""


class LeaseGone(Fault):
    """The lease does not exist (any more)."""


class Compacted(Fault):
    """The store has forgotten the changes we asked for."""


_REFUSED = (
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
)


def fault(endpoint: str, error: object) -> Fault:
    """Sort a gRPC error by what we can do about it."""
    if not isinstance(error, grpc.RpcError) or not isinstance(error, grpc.Call):
        return Unavailable(endpoint, repr(error))
    code, reason = error.code(), error.details() or str(error.code())
    if code in _REFUSED:
        return Refused(endpoint, reason)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return Oversized(endpoint, reason)
    if code is grpc.StatusCode.NOT_FOUND:
        return LeaseGone(endpoint, reason)
    return Unavailable(endpoint, reason)
