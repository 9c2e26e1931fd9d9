"""Watching, stopping and spawning actors of another node."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from protoactor import (
    PID,
    Actor,
    Context,
    DeadLetter,
    NameTaken,
    Props,
    Terminated,
    TerminatedReason,
    Touch,
)
from protoactor.spi import Stop
from protoactor_remote import (
    SpawnFailed,
    SpawnRefused,
    message,
)

if TYPE_CHECKING:
    from .conftest import Node, Nodes


@message("test.Echo")
@dataclass(frozen=True, slots=True)
class Echo:
    text: str


class EchoActor(Actor):
    def receive(self, context: Context) -> None:
        if isinstance(context.message, Echo):
            context.respond(context.message)


async def settled(node: Node, target: PID) -> None:
    """What was sent to the target's node before has arrived there."""
    await node.system.request(target, Echo(""))


async def test_a_watcher_hears_of_the_end(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe, echo = a.probe(), b.system.spawn_named(EchoActor, "echo")
    probe.watch(echo)
    await settled(a, echo)
    await b.system.stop(echo)
    assert await probe.expect(Terminated) == Terminated(echo)


async def test_a_watcher_that_lost_interest_hears_nothing(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe, echo = a.probe(), b.system.spawn_named(EchoActor, "echo")
    probe.watch(echo)
    probe.unwatch(echo)
    await settled(a, echo)
    await b.system.stop(echo)
    await settled(a, b.system.spawn(EchoActor))
    await probe.expect_nothing()


async def test_trap_57_the_reason_for_an_end_is_kept(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = a.probe()
    probe.watch(b.pid("nobody"))
    gone = await probe.expect(Terminated)
    assert gone == Terminated(b.pid("nobody"), TerminatedReason.NOT_FOUND)


async def test_watching_an_unreachable_address_ends_at_once(nodes: Nodes) -> None:
    a = await nodes.start()
    probe, nowhere = a.probe(), PID("127.0.0.1:1", "x")
    probe.watch(nowhere)
    gone = await probe.expect(Terminated)
    assert gone == Terminated(nowhere, TerminatedReason.ADDRESS_TERMINATED)


async def test_trap_55_each_watcher_hears_of_a_lost_address_once(
    memory_nodes: Nodes,
) -> None:
    a, b = await memory_nodes.start(), await memory_nodes.start()
    assert memory_nodes.network is not None
    echoes = [b.system.spawn_named(EchoActor, f"echo{n}") for n in range(3)]
    probes = [a.probe() for _ in range(3)]
    for probe in probes:
        for echo in echoes:
            probe.watch(echo)
    await settled(a, echoes[0])
    memory_nodes.network.reset(a.address, b.address)
    for probe in probes:
        gone = [await probe.expect(Terminated) for _ in echoes]
        assert {each.who for each in gone} == set(echoes)
        assert {each.why for each in gone} == {TerminatedReason.ADDRESS_TERMINATED}
        await probe.expect_nothing(within=0.02)


async def test_trap_56_no_watch_is_renewed_after_a_reconnect_but_a_new_one_works(
    memory_nodes: Nodes,
) -> None:
    a, b = await memory_nodes.start(), await memory_nodes.start()
    assert memory_nodes.network is not None
    probe = a.probe()
    again, not_again = (b.system.spawn(EchoActor) for _ in range(2))
    for echo in (again, not_again):
        probe.watch(echo)
    await settled(a, again)
    memory_nodes.network.reset(a.address, b.address)
    gone = [await probe.expect(Terminated) for _ in range(2)]
    assert {each.who for each in gone} == {again, not_again}
    assert {each.why for each in gone} == {TerminatedReason.ADDRESS_TERMINATED}
    memory_nodes.network.heal(a.address, b.address)
    await settled(a, again)
    probe.watch(again)
    await settled(a, again)
    await b.system.stop(not_again)
    await b.system.stop(again)
    assert await probe.expect(Terminated) == Terminated(again)
    await settled(a, b.system.spawn(EchoActor))
    await probe.expect_nothing(within=0.02)


async def test_an_actor_forgets_watchers_whose_connection_is_over(
    memory_nodes: Nodes,
) -> None:
    b = await memory_nodes.start()
    echo = b.system.spawn_named(EchoActor, "echo")
    for _ in range(20):
        a = await memory_nodes.start()
        for _ in range(5):
            a.probe().watch(echo)
        await settled(a, echo)
        assert len(b.remote._node.watched) == 5
        await memory_nodes.crash(a)
    await settled(await memory_nodes.start(), echo)
    assert len(b.remote._node.watched) == 0


async def test_trap_62_messages_and_watches_keep_their_order(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.fake()
    watcher, target = a.probe(), PID(b.address, "x")
    for _ in range(50):
        a.system.send(target, Touch())
        watcher.watch(target)
        a.system.send(target, Touch())
        watcher.unwatch(target)
        a.system.post_system(target, Stop())
    order: list[str] = []
    while len(order) < 250:
        batch = await b.batch()
        order += [batch.type_names[e.type_id] for e in batch.envelopes]
    sent = ["Touch", "Watch", "Touch", "Unwatch", "Stop"]
    assert order == [f"actor.{name}" for name in sent] * 50


async def test_a_watch_sent_before_a_stop_sees_the_stop(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    for _ in range(50):
        here, echo = a.probe(), b.system.spawn(EchoActor)
        here.watch(echo)
        a.system.stop(echo)
        assert await here.expect(Terminated) == Terminated(echo)


async def test_stop_and_poison_wait_for_the_end(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    for end in (a.system.stop, a.system.poison):
        echo = b.system.spawn(EchoActor)
        async with asyncio.timeout(30.0):
            await end(echo)
        with pytest.raises(DeadLetter):
            await a.system.request(echo, Echo("?"))


async def test_poison_comes_after_what_was_sent_before(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    for n in range(10):
        a.system.send(probe.pid, n)
    a.system.poison(probe.pid)
    assert [await probe.expect(int) for _ in range(10)] == list(range(10))


async def test_another_node_spawns_a_kind(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start(kinds={"echo": EchoActor})
    echo = await a.remote.spawn(b.address, kind="echo")
    named = await a.remote.spawn(b.address, kind="echo", name="mine")
    assert named == b.pid("activator/Remote$mine")
    for target in (echo, named):
        assert await a.system.request(target, Echo("x")) == Echo("x")
    with pytest.raises(NameTaken) as caught:
        await a.remote.spawn(b.address, kind="echo", name="mine")
    assert caught.value.pid == named


async def test_trap_58_an_unknown_kind_costs_no_earlier_activation(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.start(kinds={"echo": EchoActor})
    echo = await a.remote.spawn(b.address, kind="echo")
    with pytest.raises(SpawnFailed, match="ERROR"):
        await a.remote.spawn(b.address, kind="ghost")
    assert await a.system.request(echo, Echo("x")) == Echo("x")


async def test_a_kind_may_refuse_or_fail_to_be_made(nodes: Nodes) -> None:
    def refuse() -> Actor:
        raise SpawnRefused("too busy")

    def fail() -> Actor:
        raise RuntimeError("broken")

    a = await nodes.start()
    b = await nodes.start(kinds={"busy": refuse, "broken": Props(fail)})
    b.remote.register("echo", EchoActor)
    assert set(b.remote.kinds) == {"busy", "broken", "echo"}
    with pytest.raises(SpawnFailed, match="UNAVAILABLE"):
        await a.remote.spawn(b.address, kind="busy")
    with pytest.raises(SpawnFailed, match="ERROR"):
        await a.remote.spawn(b.address, kind="broken")
    await a.remote.spawn(b.address, kind="echo")


async def test_a_node_spawns_on_itself_too(memory_nodes: Nodes) -> None:
    a = await memory_nodes.start(kinds={"echo": EchoActor})
    echo = await a.remote.spawn(a.address, kind="echo")
    assert await a.system.request(echo, Echo("x")) == Echo("x")
