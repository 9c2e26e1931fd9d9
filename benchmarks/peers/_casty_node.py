"""A member of a casty cluster, to be reached from another process: ADDRESS LOOP."""

from __future__ import annotations

import asyncio
import sys

from casty import ActorSystem, Cluster

import benchmarks.peers._casty_actors  # noqa: F401 - the actors it is to host
from benchmarks.peers._loops import runner


async def main(address):
    async with ActorSystem(cluster=Cluster(bind=address)):
        print(address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    runner(sys.argv[2])(main(sys.argv[1]))
