"""What a log line is about: trace, member, kind and identity.

All loggers of these packages are below `protoactor`.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING

from opentelemetry import trace

from protoactor_cluster.call import current_call
from protoactor_cluster.identity import ClusterIdentity

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["LogContext", "about", "current_identity"]

current_identity: ContextVar[ClusterIdentity | None] = ContextVar(
    "protoactor_identity", default=None
)
"""Set while an activation starts or ends; in between `current_call` tells."""


class LogContext(logging.Filter):
    """Adds `trace_id`, `span_id`, `member`, `kind` and `identity` to log records.

    Where there is none it is empty, so formats may name them. It belongs to a
    handler, not to a logger, which would not see the records of those below it.

    >>> handler.addFilter(LogContext(cluster))
    >>> handler.setFormatter(logging.Formatter("%(trace_id)s %(identity)s %(message)s"))
    """

    def __init__(self, cluster: Cluster | None = None) -> None:
        super().__init__()
        self._cluster = cluster

    def filter(self, record: logging.LogRecord) -> bool:
        span = trace.get_current_span().get_span_context()
        identity = _identity()
        known = {
            "trace_id": f"{span.trace_id:032x}" if span.is_valid else "",
            "span_id": f"{span.span_id:016x}" if span.is_valid else "",
            "member": self._cluster.member_id if self._cluster else "",
            "kind": identity.kind if identity else "",
            "identity": str(identity) if identity else "",
        }
        for name, value in known.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


def about(identity: ClusterIdentity) -> dict[str, str]:
    """`extra` of a log line about an identity."""
    return {"kind": identity.kind, "identity": str(identity)}


def _identity() -> ClusterIdentity | None:
    call = current_call.get()
    return call.identity if call is not None else current_identity.get()
