"""Two activations of one identity: how they come about, and that one is stopped."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest

from protoactor import ActorError
from protoactor_cluster import (
    Cluster,
    ClusterIdentity,
    DuplicateActivation,
    Grain,
    Kind,
    Member,
    PartitionLookup,
    RebalanceIncomplete,
)
from protoactor_cluster.handover import HandoverTimeouts
from protoactor_testkit import Members

HASTY = partial(PartitionLookup, HandoverTimeouts(barrier=1.0, answers=1.0))
PORT = 50_000


@dataclass
class Script:
    """Where identities are placed, how long they take to start, where they live."""

    host: str = ""
    starts_in: dict[str, float] = field(default_factory=dict[str, float])
    homes: defaultdict[str, list[str]] = field(
        default_factory=lambda: defaultdict[str, list[str]](list)
    )

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        return next((it for it in hosts if it.id == self.host), None)

    def kind(self) -> Kind:
        return Kind.of(Slow, create=lambda: Slow(self), strategy=lambda: self)


class Slow(Grain):
    """Takes a while to start, where and when it is told to."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def on_activate(self) -> None:
        me = self.cluster.member_id
        await asyncio.sleep(self._script.starts_in.get(me, 0.0))
        self._script.homes[self.identity.name].append(me)

    async def on_deactivate(self) -> None:
        self._script.homes[self.identity.name].remove(self.cluster.member_id)

    async def where(self) -> str:
        return self.cluster.member_id


def owned_by(cluster: Cluster, names: Sequence[str]) -> str:
    """One of these that this member owns now."""
    for name in names:
        owner = cluster.lookup.owner_actor(ClusterIdentity("Slow", name))
        if owner is not None and owner.address == cluster.member_address:
            return name
    raise AssertionError("this member owns none of them")


async def join_without_report_of(
    members: Members, silent: Cluster, script: Script
) -> Cluster:
    """A member that goes on although it does not know what lives on `silent`."""
    members.network.partition(f"127.0.0.1:{PORT}", silent.member_address)
    (newcomer,) = await members.start(
        kinds=[script.kind()], lookup=HASTY, port=PORT, settle=False
    )
    event = await newcomer.system.events.first(RebalanceIncomplete, timeout=10.0)
    while not event.unanswered:
        event = await newcomer.system.events.first(RebalanceIncomplete, timeout=10.0)
    assert [it.id for it in event.unanswered] == [silent.member_id]
    return newcomer


async def test_one_that_nobody_was_told_of_is_found_and_stopped(
    members: Members,
) -> None:
    script = Script()
    _, b, c = await members.start(3, kinds=[script.kind()], lookup=HASTY)
    names = [str(number) for number in range(40)]
    script.host = b.member_id
    for name in names:
        await b.grain(Slow, name).where()
    newcomer = await join_without_report_of(members, b, script)
    name = owned_by(newcomer, names)
    script.host, script.starts_in = c.member_id, {c.member_id: 6.0}
    with pytest.raises(ActorError):  # it starts on c, but the answer comes too late
        await newcomer.grain(Slow, name).where()
    duplicates: list[DuplicateActivation] = []
    newcomer.system.events.subscribe(duplicates.append, DuplicateActivation)
    members.heal()
    await asyncio.sleep(10.0)
    assert script.homes[name] == [b.member_id]
    assert [it.identity.name for it in duplicates] == [name]
    assert await newcomer.grain(Slow, name).where() == b.member_id


async def test_one_is_stopped_although_its_member_cannot_be_reached_for_long(
    members: Members,
) -> None:
    script = Script()
    _, b, c = await members.start(3, kinds=[script.kind()], lookup=HASTY)
    names = [str(number) for number in range(40)]
    script.host = b.member_id
    for name in names:
        await b.grain(Slow, name).where()
    newcomer = await join_without_report_of(members, b, script)
    name = owned_by(newcomer, names)
    script.host = c.member_id
    assert await newcomer.grain(Slow, name).where() == c.member_id
    events = newcomer.system.events

    def cut(event: DuplicateActivation) -> None:
        members.network.reset(newcomer.member_address, event.stopped.address)

    events.subscribe(cut, DuplicateActivation)
    members.heal()
    await events.first(DuplicateActivation, timeout=10.0)
    topology = newcomer.topology
    await asyncio.sleep(30.0)
    assert len(script.homes[name]) == 2, "the word to stop was lost"
    members.heal()
    await asyncio.sleep(10.0)
    assert len(script.homes[name]) == 1
    assert newcomer.topology is topology, "nobody left meanwhile"
    assert [await newcomer.grain(Slow, name).where()] == script.homes[name]
