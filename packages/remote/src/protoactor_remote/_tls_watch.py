"""Notices TLS handshakes that come to nothing, which gRPC itself keeps quiet about."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

__all__ = ["TLSWatch"]

REMEMBERED_PEERS = 1000
REASON = (
    "a TLS handshake was begun and not completed: the peer has no certificate, an "
    "expired one, one of another authority, or does not speak TLS"
)


class TLSWatch:
    """Expects a call from each connection whose handshake has begun."""

    def __init__(self, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._report: Callable[[str], None] | None = None
        self._begun: deque[asyncio.TimerHandle] = deque()
        self._peers: deque[str] = deque(maxlen=REMEMBERED_PEERS)

    def start(self, report: Callable[[str], None]) -> None:
        self._report = report

    def begun(self) -> None:
        """A handshake begins. Called by gRPC in a thread of its own."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._expect)

    def completed(self, peer: str) -> None:
        """A call came in, so the connection of this peer stands."""
        if peer in self._peers:
            return
        self._peers.append(peer)
        if self._begun:
            self._begun.popleft().cancel()

    def stop(self) -> None:
        self._report = None
        while self._begun:
            self._begun.popleft().cancel()

    def _expect(self) -> None:
        if self._report is not None:
            self._begun.append(self._loop.call_later(self._patience, self._missing))

    def _missing(self) -> None:
        self._begun.popleft()
        if self._report is not None:
            self._report(REASON)
