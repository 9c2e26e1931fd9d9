"""Asks a kind whether an identity may be activated."""

from __future__ import annotations

import asyncio
import inspect
import logging

from protoactor_cluster._refusal import Refusal
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.kind import Kind
from protoactor_cluster.logs import about
from protoactor_cluster.wire import cluster_pb2

__all__ = ["ask_predicate"]

logger = logging.getLogger("protoactor.cluster.placement")


async def ask_predicate(
    kind: Kind, identity: ClusterIdentity, timeout: float
) -> Refusal | None:
    """`None` if it may; a predicate that raises or takes too long refuses."""
    assert kind.can_activate is not None
    try:
        async with asyncio.timeout(timeout):
            allowed = kind.can_activate(identity)
            if inspect.isawaitable(allowed):
                allowed = await allowed
    except Exception as error:
        logger.warning(
            "can_activate of %s failed",
            identity,
            exc_info=error,
            extra=about(identity),
        )
        what = f"{type(error).__qualname__}: {error}"
        if isinstance(error, TimeoutError):
            what = f"nothing within {timeout:g} s"
        text = f"can_activate gave {what}"
        return Refusal(cluster_pb2.START_FAILED, text)
    if allowed:
        return None
    return Refusal(cluster_pb2.NOT_REFUSED, "its kind refuses it", blocked=True)
