"""Which remote actors watch local ones, and through which stream they said so."""

from __future__ import annotations

from protoactor import PID, ActorSystem
from protoactor.spi import Unwatch

__all__ = ["Watched"]


class Watched:
    """Lets local actors forget watchers whose connection is over.

    The other side has told them that this address is gone, so nobody waits for
    a `Terminated` any more; without this, actors would remember dead watchers.
    """

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self._streams: dict[tuple[PID, str], object] = {}
        self._pairs: dict[object, set[tuple[PID, str]]] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: object, watcher: PID, watchee: PID) -> None:
        """The watcher's `Watch` came through this stream, the newest one counts."""
        pair = (watcher, watchee.id)
        self.remove(watcher, watchee)
        self._streams[pair] = stream
        self._pairs.setdefault(stream, set()).add(pair)

    def remove(self, watcher: PID, watchee: PID) -> None:
        """The watcher lost interest, or was told the end."""
        pair = (watcher, watchee.id)
        stream = self._streams.pop(pair, None)
        if stream is not None:
            self._pairs[stream].discard(pair)

    def forget(self, stream: object) -> None:
        """The stream is over."""
        for watcher, id in self._pairs.pop(stream, ()):
            del self._streams[watcher, id]
            process = self._system.registry.local(id)
            if process is not None:
                process.post_system(self._system.registry.pid(id), Unwatch(watcher))
