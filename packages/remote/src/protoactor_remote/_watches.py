"""Which local actors watch which remote ones, through one connection."""

from __future__ import annotations

from protoactor import PID, Terminated, TerminatedReason
from protoactor.spi import ProcessRegistry

__all__ = ["Watches"]


class Watches:
    """Pairs of watcher and watchee; each hears at most one end."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], tuple[PID, PID]] = {}

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, watcher: PID, watchee: PID) -> None:
        self._pairs[watcher.id, watchee.id] = (watcher, watchee)

    def remove(self, watcher: PID, watchee: PID) -> bool:
        """Says whether there was such a pair."""
        return self._pairs.pop((watcher.id, watchee.id), None) is not None

    def terminate_all(self, registry: ProcessRegistry) -> None:
        """Tell every watcher that lives that the address is gone."""
        pairs, self._pairs = self._pairs, {}
        for watcher, watchee in pairs.values():
            process = registry.local(watcher.id)
            if process is not None:
                gone = Terminated(watchee, TerminatedReason.ADDRESS_TERMINATED)
                process.post_system(watcher, gone)
