"""A member of the chaos test: tells when activations begin and end; ends on SIGTERM."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time

from protoactor_cluster import Grain, TopologyChanged, join

__all__ = ["Tally"]


def tell(event: str, **what: object) -> None:
    # monotonic time is the same for all processes of a machine
    print(json.dumps({"event": event, "at": time.monotonic(), **what}), flush=True)


class Tally(Grain, idle_timeout=1.5):
    def __init__(self) -> None:
        self._id = secrets.token_hex(8)
        self._total = 0

    async def on_activate(self) -> None:
        tell("begins", name=self.identity.name, id=self._id)

    async def on_deactivate(self) -> None:
        tell("ends", name=self.identity.name, id=self._id)

    async def add(self) -> tuple[str, int]:
        """Which activation this is, and how many calls it has counted."""
        before = self._total
        await asyncio.sleep(0.001)
        self._total = before + 1
        return self._id, self._total


async def main(provider: str) -> None:
    async with join("chaos", provider=provider, kinds=[Tally]) as cluster:

        def changed(change: TopologyChanged) -> None:
            tell("dropped", ids=[member.id for member in change.left])

        cluster.system.events.subscribe(changed, TopologyChanged)
        tell("joined", id=cluster.member_id)
        await cluster.wait_closed()
    tell("left")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
