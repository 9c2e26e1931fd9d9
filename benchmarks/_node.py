"""A process with an echo and a counter, for others to reach."""

from __future__ import annotations

import asyncio
import sys

from benchmarks._echo import Counter, Echo
from protoactor import ActorSystem
from protoactor_remote import Remote


async def main() -> None:
    async with ActorSystem() as system, Remote(system) as remote:
        system.spawn_named(Echo, "echo")
        system.spawn_named(Counter, "counter")
        print(remote.address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
