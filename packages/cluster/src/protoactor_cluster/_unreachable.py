"""Which addresses could not be connected to lately."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from protoactor import ActorSystem
from protoactor_remote import EndpointConnected, EndpointTerminated, TerminationReason

__all__ = ["Unreachable"]

REMEMBERED = 3.0
"""Seconds; then it is worth another attempt."""


class Unreachable:
    """Listens to what remoting finds out anyway, while `listening`."""

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self._until: dict[str, float] = {}

    def __contains__(self, address: object) -> bool:
        until = self._until.get(str(address))
        return until is not None and self._system.loop.time() < until

    @contextmanager
    def listening(self) -> Generator[None, None, None]:
        events = self._system.events
        ended = events.subscribe(self._ended, EndpointTerminated)
        connected = events.subscribe(self._connected, EndpointConnected)
        try:
            yield
        finally:
            ended.cancel()
            connected.cancel()

    def _ended(self, event: EndpointTerminated) -> None:
        if event.reason is TerminationReason.UNREACHABLE:
            now = self._system.loop.time()
            self._until = {it: at for it, at in self._until.items() if at > now}
            self._until[event.address] = now + REMEMBERED

    def _connected(self, event: EndpointConnected) -> None:
        self._until.pop(event.address, None)
