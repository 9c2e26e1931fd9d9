"""One member process of the demo; prints JSON lines for the one that started it."""

from __future__ import annotations

import argparse
import asyncio
import sys

import lines
import spans
from grains import Ponger

from protoactor_cluster import Cluster, TopologyChanged, join


def report_topology(cluster: Cluster) -> None:
    members = [member.address for member in cluster.topology.members]
    lines.write("topology", members=members, version=cluster.topology.version)


async def main(provider: str, trace: bool) -> None:
    if trace:
        spans.write_spans()
    async with join("demo", provider=provider, kinds=[Ponger]) as cluster:
        lines.write("joined", address=cluster.member_address)
        report_topology(cluster)
        cluster.system.events.subscribe(
            lambda _: report_topology(cluster), TopologyChanged
        )
        await cluster.wait_closed()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("provider")
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    try:
        asyncio.run(main(arguments.provider, arguments.trace))
    except Exception as error:
        sys.exit(f"member: {error}")
