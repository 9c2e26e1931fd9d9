"""A xoscar pool with actors, to be reached from another process: ADDRESS LOOP."""

from __future__ import annotations

import asyncio
import sys

import xoscar

from benchmarks.peers._loops import runner
from benchmarks.peers._xoscar_cross import Counter, Echo


async def main(address):
    async with await xoscar.create_actor_pool(address, n_process=0):
        await xoscar.create_actor(Echo, address=address, uid="echo")
        await xoscar.create_actor(Counter, address=address, uid="counter")
        print(address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    runner(sys.argv[2])(main(sys.argv[1]))
