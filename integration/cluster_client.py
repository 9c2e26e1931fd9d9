"""A client process of the fault tests: calls every identity again and again.

On `report` it tells all calls since the last report.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time

from cluster_lines import commands, tell
from cluster_links import detours
from cluster_tally import Tally

from protoactor import ActorError, ActorSystem
from protoactor_cluster import Cluster
from protoactor_remote import Remote


class Callers:
    """One for each identity, all at the same pace."""

    def __init__(self, cluster: Cluster, options: argparse.Namespace) -> None:
        self._cluster = cluster
        self._options = options
        self._calls: list[list[object]] = []

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._options.identities):
                group.create_task(self._call_forever(f"tally-{number}"))

    def report(self) -> None:
        calls, self._calls = self._calls, []
        tell("calls", calls=calls)

    async def _call_forever(self, name: str) -> None:
        while True:
            await self._call(name)
            await asyncio.sleep(self._options.pause)

    async def _call(self, name: str) -> None:
        grain = self._cluster.grain(Tally, name, timeout=self._options.timeout)
        began, error, receipt = time.monotonic(), "", None
        try:
            receipt = await grain.add()
        except ActorError as problem:
            error = f"{type(problem).__name__}: {problem}"
        answer = (
            [receipt.member, receipt.activation, receipt.count]
            if receipt
            else ["", "", 0]
        )
        self._calls.append([name, began, time.monotonic(), error, *answer])


async def main(options: argparse.Namespace) -> None:
    transport = detours(json.loads(options.links))
    async with (
        ActorSystem() as system,
        Remote(system, transport=transport) as remote,
        Cluster(remote, "shop", provider=options.provider, client=True) as cluster,
    ):
        callers = Callers(cluster, options)
        calling = asyncio.create_task(callers.run())
        tell("connected")
        async for command in commands():
            if command == "report":
                callers.report()
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("provider")
    parser.add_argument("--identities", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0.1)
    parser.add_argument("--timeout", type=float, default=20.0)
    parser.add_argument("--links", default="{}", help="detours by address, as JSON")
    try:
        asyncio.run(main(parser.parse_args()))
    except Exception as error:
        sys.exit(f"client: {error!r}")
