"""Faults under load, and what the callers and the members noticed of them.

Each returns figures, in seconds where they are times. Tests hold them against
`docs/explanation/guarantees.md`; `fault_figures.py` prints them.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from dataclasses import dataclass

from cluster_calls import Call, Calls, percentile
from cluster_processes import Said
from cluster_shop import Provider, Shop, id_of, in_etcd, shop
from cluster_split import cables
from etcd_server import EtcdCluster, EtcdServer

__all__ = [
    "Frozen",
    "Healed",
    "Killed",
    "Outage",
    "Restarted",
    "freeze_member",
    "heal_split",
    "kill_member",
    "lose_leader",
    "restart_all",
    "take_provider_down",
]

MEMBERS = 5
PATIENCE = 60.0
LEASE = 5.0
"""Seconds, the default of the etcd provider."""
DETAIL = 3
"""Failed calls to show."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """Every member was restarted, one after the other."""

    calls: int
    failed: list[Call]
    p99_before: float
    p99_meanwhile: float
    seconds: float

    @property
    def added_p99(self) -> float:
        return self.p99_meanwhile - self.p99_before


async def restart_all(provider: Provider, *, calm: float = 3.0) -> Restarted:
    """A rolling restart: each member leaves in good order, and another takes its seat."""
    async with shop(provider, MEMBERS) as running:
        before = await running.load(calm)
        began = time.monotonic()
        for seat in range(MEMBERS):
            await running.restart(seat)
        meanwhile = await running.calls()
        return Restarted(
            len(meanwhile),
            [*before.failed, *meanwhile.failed][:DETAIL],
            before.p99(),
            meanwhile.p99(),
            time.monotonic() - began,
        )


@dataclass(frozen=True, slots=True)
class Killed:
    """A member was killed while it hosted some identities."""

    hosted: int
    back_p99: float
    """Until the identities that lived there had answered a new call."""
    back_longest: float
    failed_elsewhere: list[Call]
    views_differed: float
    lives_left: int
    """Identities on other members that lost their activation: there should be none."""


async def kill_member(provider: Provider, *, detection: str = "default") -> Killed:
    """SIGKILL one of five."""
    arguments = ["--detection", detection]
    async with shop(provider, MEMBERS, arguments=arguments) as running:
        before = await running.load(1.0)
        victims = before.hosted_by(running.ids[0])
        killed = running.kill(0)
        differed = await running.agree()
        after = await _all_back(running, killed, len(before.activations()))
        back = after.back_after(killed)
        others = set(back) - victims
        times = [seconds for name, seconds in back.items() if name in victims]
        lives = Calls([*before, *after]).to(others).activations()
        return Killed(
            len(victims),
            percentile(times, 99),
            max(times),
            after.to(others).failed[:DETAIL],
            differed,
            sum(len(found) > 1 for found in lives.values()),
        )


async def _all_back(running: Shop, moment: float, identities: int) -> Calls:
    """The calls until every identity has answered one that began after the moment."""
    calls = Calls()
    async with asyncio.timeout(PATIENCE):
        while len(calls.back_after(moment)) < identities:
            calls += await running.load(0.5)
    return calls


@dataclass(frozen=True, slots=True)
class Healed:
    """Three members and two could not reach each other for a while."""

    agreed_after: float
    """Until all five had the same view again."""
    resolved_after: float
    """Until no identity was active twice."""
    duplicates: int
    """Identities that were active on both sides."""
    failed_after: list[Call]
    """Calls that began after all agreed."""


async def heal_split(seconds: float = 3.0) -> Healed:
    """A partition of automanaged members, which have no arbiter, and its end."""
    with cables(3, 2) as between:
        async with shop(between.arguments, MEMBERS, load=["--timeout", "5"]) as running:
            identities = len((await running.load(1.0)).activations())
            sides = running.seats[:3], running.seats[3:]
            between.cut()
            for side in sides:
                await running.agree(side)
            await _all_back(running, time.monotonic(), identities)
            await asyncio.sleep(seconds)
            twice = await running.activations() - identities
            between.mend()
            mended = time.monotonic()
            await running.agree()
            agreed = time.monotonic()
            while await running.activations() > identities:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            resolved = time.monotonic()
            calls = await running.load(1.0)
            late = [call for call in calls.failed if call.began > agreed]
            return Healed(agreed - mended, resolved - mended, twice, late[:DETAIL])


@dataclass(frozen=True, slots=True)
class Outage:
    """The service was away, or changed its leader, while everything else went on."""

    calls: int
    failed: list[Call]
    lives: int
    """Activations per identity at most: 1 if all stayed alive."""
    changes: int
    """New views of the members, on all of them together."""
    back_after: float
    """Until all members stood in the service again, once it answered."""
    p99: float


async def take_provider_down(
    server: EtcdServer, seconds: float, *, wiped: bool = False
) -> Outage:
    """Kill an etcd for a while; it comes back with its data, or with none."""
    async with shop(in_etcd([server.endpoint]), MEMBERS) as running:
        began = time.monotonic()
        await running.calls()
        server.kill()
        await asyncio.sleep(seconds)
        if wiped:
            server.wipe()
        await asyncio.to_thread(server.start)
        returned = time.monotonic()
        await _registered(server, running.ids)
        return await _outage(running, began, time.monotonic() - returned)


async def lose_leader(nodes: EtcdCluster) -> Outage:
    """Kill the leader of an etcd of three nodes."""
    async with shop(in_etcd(nodes.endpoints), MEMBERS) as running:
        began = time.monotonic()
        await running.calls()
        leader = await asyncio.to_thread(_leader, nodes)
        leader.kill()
        rest = next(node for node in nodes.nodes if node is not leader)
        killed = time.monotonic()
        await asyncio.to_thread(_wait_for_leader, rest)
        await _registered(rest, running.ids)
        return await _outage(running, began, time.monotonic() - killed)


async def _outage(running: Shop, began: float, back_after: float) -> Outage:
    """What it was like, when leases that were not renewed have ended too."""
    ids = running.ids
    await asyncio.sleep(LEASE + 1.0)
    calls = await running.calls()
    assert running.ids == ids, "a member came back as another one"
    return Outage(
        len(calls),
        calls.failed[:DETAIL],
        max(len(found) for found in calls.activations().values()),
        sum(len(member.all("topology", began)) for member in running.seats),
        back_after,
        calls.p99(),
    )


async def _registered(server: EtcdServer, ids: list[str]) -> None:
    """Wait until all these members stand in etcd."""
    async with asyncio.timeout(PATIENCE):
        while True:
            keys = await asyncio.to_thread(server.list_keys, "/protoactor/shop/")
            if {key.rpartition("/")[2] for key in keys} >= set(ids):
                return
            await asyncio.sleep(0.1)


def _leader(nodes: EtcdCluster) -> EtcdServer:
    for node in nodes.nodes:
        (answer,) = json.loads(node.ctl("endpoint", "status", "-w", "json"))
        status = answer["Status"]
        if status["leader"] == status["header"]["member_id"]:
            return node
    raise LookupError("no node of this etcd says that it leads")


def _wait_for_leader(node: EtcdServer) -> None:
    """Writes work again."""
    node.wait_ready()


@dataclass(frozen=True, slots=True)
class Frozen:
    """A member stood still for longer than its lease, then went on."""

    hosted: int
    unanswered: int
    """Calls that were sent to it and lie in its sockets when it goes on."""
    handled: list[Said]
    """Handlers of its old activations that started after that."""
    moved: int
    """Identities with another activation since."""


async def freeze_member(provider: Provider, seconds: float) -> Frozen:
    """SIGSTOP one of five, and SIGCONT it when its lease has ended long since."""
    load = ["--timeout", "3"]
    async with shop(provider, MEMBERS, arguments=["--loud"], load=load) as running:
        before = await running.load(1.0)
        frozen = running.seats[0]
        hosted = before.hosted_by(id_of(frozen))
        old = {name: lives[-1] for name, lives in before.activations().items()}
        frozen.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        meanwhile = await running.calls()
        resumed = frozen.signal(signal.SIGCONT)
        await frozen.says("rejoined", after=resumed)
        await running.agree()
        calls = await running.load(1.0)
        return Frozen(
            len(hosted),
            len(meanwhile.to(hosted).failed),
            [
                said
                for said in frozen.all("handled", resumed)
                if said["activation"] in {old[name] for name in hosted}
            ],
            sum(lives[-1] != old[name] for name, lives in calls.activations().items()),
        )
