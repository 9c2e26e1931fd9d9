"""What a node does with those who call it."""

from __future__ import annotations

import logging

from protoactor_remote._callers import Callers
from protoactor_remote._diagnostics import Diagnostics
from protoactor_remote._node import Node
from protoactor_remote._offered_services import OfferedServices
from protoactor_remote.events import HandshakeRefused
from protoactor_remote.transport import Refusal, ServerStream, StreamRefused

__all__ = ["NodeService"]

TURNED_AWAY = "peers that were turned away"


class NodeService:
    """Serves streams and calls, and tells who was turned away and why."""

    def __init__(
        self,
        node: Node,
        callers: Callers,
        diagnostics: Diagnostics,
        offered: OfferedServices,
    ) -> None:
        self._node = node
        self._callers = callers
        self._diagnostics = diagnostics
        self._offered = offered

    async def accept(self, stream: ServerStream) -> None:
        try:
            await self._callers.accept(stream)
        except StreamRefused as refused:
            leaving = refused.refusal is Refusal.LEAVING
            self._refused(stream.peer, str(refused), expected=leaving)
            raise

    async def answer(self, method: str, request: bytes) -> bytes:
        service, slash, name = method.rpartition("/")
        if slash:
            return await self._offered.answer(service, name, request)
        return await self._diagnostics.answer(method, request)

    def turned_away(self, reason: str) -> None:
        self._refused("", reason)

    def _refused(self, peer: str, reason: str, *, expected: bool = False) -> None:
        self._node.statistics.refused_handshakes += 1
        level = logging.INFO if expected else logging.WARNING
        who = peer or "somebody"
        self._node.log.write(level, TURNED_AWAY, "%s was turned away: %s", who, reason)
        self._node.system.events.publish(HandshakeRefused(peer, reason))
