"""Grains as callers see them: results, errors, streams, reentrancy, keys, timers."""

from __future__ import annotations

import asyncio
from collections import Counter as CounterOf
from collections.abc import AsyncIterator

import pytest

from protoactor import Context, Expired, RequestTimeout
from protoactor_cluster import (
    ActivationFailed,
    CallCycle,
    ClusterIdentity,
    Grain,
    GrainError,
    Kind,
    rpc,
)
from protoactor_remote import MessageTooLarge
from protoactor_testkit import Members


class OutOfStock(Exception):
    """Comes back as itself where it is registered."""


class Counter(Grain):
    def __init__(self, start: int = 0) -> None:
        self._total = start
        self.ticks = 0

    async def add(self, amount: int) -> int:
        self._total += amount
        return self._total

    async def echo(self, data: bytes) -> bytes:
        return data

    async def wrong(self) -> int:
        return "text"  # type: ignore[return-value]  # pyright: ignore

    async def never(self) -> None:
        await asyncio.Event().wait()

    async def buy(self) -> None:
        raise OutOfStock("sold out")

    async def refuse(self) -> None:
        raise GrainError("FAILED_PRECONDITION", "closed", {"until": "9"})

    async def call_myself(self) -> int:
        return await self.cluster.grain(Counter, self.identity.name).add(1)

    async def who(self) -> tuple[str, str, bool]:
        return self.identity.kind, self.identity.name, self.call.deadline is not None

    async def start_ticking(self) -> None:
        self.every(1.0, self._tick)

    async def ticked(self) -> int:
        return self.ticks

    async def _tick(self) -> None:
        self.ticks += 1

    async def on_message(self, context: Context) -> None:
        context.respond(f"plain {context.message}")


class Feed(Grain):
    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0

    async def upto(self, count: int) -> AsyncIterator[int]:
        self.opened += 1
        try:
            for number in range(count):
                yield number
        finally:
            self.closed += 1

    async def broken(self) -> AsyncIterator[int]:
        yield 1
        raise OutOfStock("no more")

    async def slow(self) -> str:
        await asyncio.sleep(2.0)
        return "slow"

    @rpc(reentrant=True)
    async def quick(self) -> str:
        return "quick"

    async def ask(self, other: str) -> str:
        return await self.cluster.grain(Feed, other).ask_back(self.identity.name)

    async def ask_back(self, name: str) -> str:
        return await self.cluster.grain(Feed, name).quick()

    async def ask_in_vain(self, name: str) -> str:
        return await self.cluster.grain(Feed, name).ask_in_vain_too(self.identity.name)

    async def ask_in_vain_too(self, name: str) -> str:
        return await self.cluster.grain(Feed, name).slow()

    @rpc(reentrant=True)
    async def open_streams(self) -> int:
        return self.opened - self.closed

    async def on_message(self, context: Context) -> None:
        await asyncio.sleep(0.1)
        assert context.remaining is not None
        context.respond(f"plain {context.message}")


class Broken(Grain):
    async def on_activate(self) -> None:
        raise ValueError("no database")

    async def use(self) -> None: ...


KINDS = [Counter, Feed, Broken]


async def elsewhere(members: Members, kind: type[Grain], name: str) -> Grain:
    """A handle on a member that does not host the grain."""
    host = members.host_of(kind, name)
    other = next(member for member in members.alive if member is not host)
    return other.grain(kind, name)


async def test_errors_say_what_the_method_raised(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    counter = a.grain(Counter, "x")
    with pytest.raises(GrainError) as refused:
        await counter.refuse()
    error = refused.value
    assert (error.reason, error.message) == ("FAILED_PRECONDITION", "closed")
    assert error.metadata == {"until": "9"}
    with pytest.raises(GrainError, match="OutOfStock: sold out") as unknown:
        await counter.buy()
    assert unknown.value.reason == "UNKNOWN"
    assert await counter.add(1) == 1  # the activation has survived both


async def test_a_wrong_result_is_an_error_and_not_a_wrong_value(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    with pytest.raises(GrainError, match=r"Counter.wrong returned a wrong value"):
        await a.grain(Counter, "x").wrong()


async def test_large_arguments(members: Members) -> None:
    a, b = await members.start(2, kinds=KINDS)
    data = bytes(1024 * 1024)
    for member in (a, b):
        assert await member.grain(Counter, "x").echo(data) == data
    other = await elsewhere(members, Counter, "x")
    assert isinstance(other, object)
    with pytest.raises(MessageTooLarge, match="exceeds the limit"):
        await other.echo(bytes(4 * 1024 * 1024))  # type: ignore[attr-defined]  # pyright: ignore


async def test_a_method_that_never_returns(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    with pytest.raises(RequestTimeout):
        await a.grain(Counter, "x", timeout=1.0).never()
    host = members.host_of(Counter, "x")
    with pytest.raises(Expired):  # it was not taken: the first call is still running
        await host.grain(Counter, "x", timeout=1.0).add(1)


async def test_a_call_to_itself_is_reported_with_the_cycle(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    with pytest.raises(GrainError, match="call cycle Counter/x -> Counter/x"):
        await a.grain(Counter, "x").call_myself()


async def test_a_longer_cycle_is_reported_and_a_reentrant_one_succeeds(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    feed = a.grain(Feed, "a")
    assert await feed.ask("b") == "quick"
    with pytest.raises(GrainError, match="Feed/a -> Feed/b -> Feed/a"):
        await feed.ask_in_vain("b")


async def test_cycle_error_lists_the_grains() -> None:
    error = CallCycle(("A/1", "B/2", "A/1"))
    assert error.cycle == ("A/1", "B/2", "A/1")


async def test_a_reentrant_method_runs_while_another_waits(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    feed = a.grain(Feed, "x")
    slow = asyncio.create_task(feed.slow())
    await asyncio.sleep(0.5)
    assert await feed.quick() == "quick"
    assert not slow.done()
    assert await slow == "slow"


class TestStreams:
    """Results come piece by piece, as fast as they are taken."""

    async def test_all_of_it_arrives_in_order(self, members: Members) -> None:
        a, b = await members.start(2, kinds=KINDS)
        for member in (a, b):
            stream = member.grain(Feed, "x").upto(1000)
            assert [number async for number in stream] == list(range(1000))

    async def test_it_is_not_produced_ahead(self, members: Members) -> None:
        a, _ = await members.start(2, kinds=KINDS)
        feed = a.grain(Feed, "x")
        stream = feed.upto(10**9)
        async for number in stream:
            if number == 100:
                break
        await stream.aclose()  # type: ignore[attr-defined]  # pyright: ignore
        await asyncio.sleep(1.0)
        assert await feed.open_streams() == 0

    async def test_what_it_raises_comes_after_what_it_yielded(
        self, members: Members
    ) -> None:
        a, _ = await members.start(2, kinds=KINDS)
        stream = a.grain(Feed, "x").broken()
        assert await anext(stream) == 1
        with pytest.raises(GrainError, match="OutOfStock: no more"):
            await anext(stream)


async def test_the_same_key_runs_once_per_activation(members: Members) -> None:
    a, b = await members.start(2, kinds=KINDS)
    first = await a.grain(Counter, "x", idempotency_key="order-17").add(5)
    again = await b.grain(Counter, "x", idempotency_key="order-17").add(5)
    other = await b.grain(Counter, "x", idempotency_key="order-18").add(5)
    assert (first, again, other) == (5, 5, 10)


async def test_a_grain_knows_itself_and_its_call(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    assert await a.grain(Counter, "x").who() == ("Counter", "x", True)


async def test_timers_run_between_calls_and_do_not_keep_it_alive(
    members: Members,
) -> None:
    kinds = [Kind.of(Counter, idle_timeout=10.0)]
    (a,) = await members.start(1, kinds=kinds)
    counter = a.grain(Counter, "x")
    await counter.start_ticking()
    await asyncio.sleep(5.5)
    assert await counter.ticked() == 5
    await asyncio.sleep(30.0)
    assert a.activations == 0
    assert await counter.ticked() == 0


async def test_activations_are_counted_by_kind_while_they_live(
    members: Members,
) -> None:
    kinds = [Kind.of(Counter, idle_timeout=10.0), Kind.of(Feed, idle_timeout=20.0)]
    (a,) = await members.start(1, kinds=kinds)
    for name in ("x", "y"):
        await a.get("Counter", name)
    await a.get("Feed", "x")
    assert a.activations_by_kind() == CounterOf(Counter=2, Feed=1)
    await asyncio.sleep(15.0)
    assert a.activations_by_kind() == CounterOf(Feed=1)
    await asyncio.sleep(10.0)
    assert a.activations_by_kind() == CounterOf()


async def test_instances_are_made_as_the_kind_says(members: Members) -> None:
    kinds = [Kind.of(Counter, create=lambda: Counter(start=100))]
    (a,) = await members.start(1, kinds=kinds)
    assert await a.grain(Counter, "x").add(1) == 101


async def test_an_activation_that_fails_is_an_error_at_once(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    started = asyncio.get_running_loop().time()
    with pytest.raises(ActivationFailed, match="on_activate raised ValueError"):
        await a.grain(Broken, "x").use()
    assert asyncio.get_running_loop().time() - started < 1.0
    assert sum(member.activations for member in members.alive) == 0


async def test_plain_messages_reach_on_message(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    pid = await a.get("Counter", "x")
    assert pid.id.startswith(f"partition-activator/{ClusterIdentity('Counter', 'x')}$")
    owner = next(member for member in members.alive if member.activations)
    assert await owner.system.request(pid, "hello", returns=str) == "plain hello"


async def test_plain_messages_wait_for_methods_where_those_may_interleave(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    slow = asyncio.create_task(a.grain(Feed, "x").slow())
    pid = await a.get("Feed", "x")
    asked = [a.system.request(pid, word, returns=str) for word in ("one", "two")]
    assert await asyncio.gather(*asked) == ["plain one", "plain two"]
    assert slow.done()
