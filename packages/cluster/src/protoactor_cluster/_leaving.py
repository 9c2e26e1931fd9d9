"""How a member leaves, so that no caller notices."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protoactor import ActorError
from protoactor_cluster.gossip_entry import LEAVING, LEFT
from protoactor_cluster.placement import Drain, Drained

if TYPE_CHECKING:
    from protoactor_cluster._session import Session

__all__ = ["leave"]

logger = logging.getLogger("protoactor.cluster")


async def leave(session: Session) -> None:
    """Every step ends by itself after some seconds.

    Nothing is activated here any more. Activations end first, one by one, while
    this member still answers for the identities that it owns; where callers then
    ask, each begins anew elsewhere. Only then do the others take over ownership,
    and whatever still arrives here is passed on to them.
    """
    cluster, gossiper = session.cluster, session.gossiper
    if gossiper is None:
        return
    if cluster.lookup.hands_over:
        gossiper.say(LEAVING)
        await _drain(session)
    await session.stop_following()
    session.left = True
    await gossiper.tell_all(LEFT)
    cluster.lookup.leave()
    if not cluster.lookup.hands_over:
        await _drain(session)
    await cluster.remote.dismiss_peers()


async def _drain(session: Session) -> None:
    """Let activations handle what has arrived."""
    cluster, placement = session.cluster, session.placement
    if placement is None:
        return
    timeout = cluster.drain_timeout
    try:
        await cluster.system.request(
            placement.pid, Drain(), returns=Drained, timeout=timeout
        )
    except ActorError as error:
        logger.warning("activations are cut short: %s", error)
