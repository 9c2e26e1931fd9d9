"""A member process of the fault tests; ends on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack

from cluster_lines import tell
from cluster_links import detours
from cluster_tally import Tally

from protoactor import ActorSystem
from protoactor_cluster import (
    Cluster,
    DuplicateActivation,
    Evicted,
    HandoverCompleted,
    Kind,
    RebalanceIncomplete,
    Rejoined,
    TopologyChanged,
)
from protoactor_remote import Remote


class LoudTally(Tally, kind="Tally", idle_timeout=600.0):
    """Tells of every handler that starts."""

    def note_call(self) -> None:
        tell("handled", name=self.identity.name, activation=self.activation)


def report(cluster: Cluster) -> None:
    """Tell of everything that happens to the membership."""
    events = cluster.system.events

    def topology(change: TopologyChanged) -> None:
        ids = sorted(member.id for member in change.current.members)
        tell("topology", members=ids)

    def duplicate(event: DuplicateActivation) -> None:
        tell("duplicate", name=event.identity.name)

    events.subscribe(topology, TopologyChanged)
    events.subscribe(duplicate, DuplicateActivation)
    events.subscribe(
        lambda event: tell("settled", topology=event.topology.version),
        HandoverCompleted,
    )
    events.subscribe(
        lambda event: tell("incomplete", reason=event.reason), RebalanceIncomplete
    )
    events.subscribe(lambda event: tell("evicted", reason=event.reason), Evicted)
    events.subscribe(lambda event: tell("rejoined", id=event.member_id), Rejoined)


async def main(options: argparse.Namespace) -> None:
    kind = Kind.of(LoudTally if options.loud else Tally)
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(ActorSystem())
        remote = Remote(
            system, port=options.port, transport=detours(json.loads(options.links))
        )
        await stack.enter_async_context(remote)
        cluster = Cluster(
            remote,
            "shop",
            provider=options.provider,
            kinds=[kind],
            failure_detection=options.detection,
            join_timeout=30.0,
        )
        report(cluster)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(
            signal.SIGUSR1, lambda: tell("activations", count=cluster.activations)
        )
        await stack.enter_async_context(cluster)
        tell("joined", id=cluster.member_id, address=cluster.member_address)
        await cluster.wait_closed()
    tell("left")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("provider")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--detection", default="default")
    parser.add_argument("--links", default="{}", help="detours by address, as JSON")
    parser.add_argument("--loud", action="store_true", help="tell of every call")
    try:
        asyncio.run(main(parser.parse_args()))
    except Exception as error:
        sys.exit(f"member: {error!r}")
