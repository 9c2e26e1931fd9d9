"""Whether the other members can reach this one."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from protoactor_cluster.errors import ClusterError
from protoactor_remote import EndpointConnected

if TYPE_CHECKING:
    from protoactor_cluster._session import Session

__all__ = ["Answers"]

GRACE = 1.0
"""Seconds after which members that cannot be called are taken for dead."""
LOOK_EVERY = 0.1


class Answers:
    """What came back from members since this one began to join.

    Members answer over connections of their own. One that can be called and says
    nothing cannot reach the address that this member gives: nobody should place
    anything here.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._called: set[str] = set()

    @contextmanager
    def counted(self) -> Generator[None, None, None]:
        events = self._session.cluster.system.events
        subscription = events.subscribe(self._connected, EndpointConnected)
        try:
            yield
        finally:
            subscription.cancel()

    async def first(self) -> None:
        """Wait for it, if there is anybody. Raises `ClusterError`."""
        loop = asyncio.get_running_loop()
        started, timeout = loop.time(), self._session.cluster.join_timeout
        while self._expected():
            waited = loop.time() - started
            if waited >= GRACE and not self._reached():
                return
            if waited >= timeout:
                raise self._unreachable(timeout)
            await asyncio.sleep(LOOK_EVERY)

    def _expected(self) -> bool:
        gossiper = self._session.gossiper
        others = gossiper.peers() if gossiper else []
        lost = self._session.lost.done()
        return bool(others) and gossiper is not None and not (gossiper.heard or lost)

    def _reached(self) -> bool:
        members = self._session.members.topology.members
        return any(member.address in self._called for member in members)

    def _connected(self, event: EndpointConnected) -> None:
        self._called.add(event.address)

    def _unreachable(self, timeout: float) -> ClusterError:
        address = self._session.cluster.member_address
        called = ", ".join(sorted(self._called))
        return ClusterError(
            f"{called} can be called from here, but no member answered within "
            f"{timeout:g} s: can they call {address}? If not, say `advertised=`"
        )
