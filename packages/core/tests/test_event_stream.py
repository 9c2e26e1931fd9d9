"""Publishing to subscribers who come, go and fail."""

import asyncio

import pytest

from protoactor import ActorSystem, EventStream

pytestmark = pytest.mark.virtual_time


def test_events_reach_their_type_in_order_of_subscription() -> None:
    stream, seen = EventStream(), list[str]()
    stream.subscribe(lambda n: seen.append(f"int {n}"), int)
    stream.subscribe(lambda t: seen.append(f"str {t}"), str)
    stream.subscribe(lambda e: seen.append(f"any {e}"), object)
    stream.publish(1)
    stream.publish("a")
    assert seen == ["int 1", "any 1", "str a", "any a"]


def test_where_selects_events() -> None:
    stream, seen = EventStream(), list[int]()
    stream.subscribe(seen.append, int, where=lambda n: n % 2 == 0)
    for number in range(5):
        stream.publish(number)
    assert seen == [0, 2, 4]


def test_a_handler_in_the_place_of_the_type_is_refused_at_once() -> None:
    stream, seen = EventStream(), list[object]()
    with pytest.raises(TypeError, match="takes a class"):
        stream.subscribe(str, seen.append)  # type: ignore[arg-type]  # that is it
    stream.publish("event")
    assert seen == []


def test_trap_39_a_failing_subscriber_harms_nobody() -> None:
    stream, seen = EventStream(), list[int]()

    def fail(_: int) -> None:
        raise ValueError

    stream.subscribe(seen.append, int)
    stream.subscribe(fail, int)
    stream.subscribe(seen.append, int)
    stream.subscribe(seen.append, int, where=lambda _: 1 // 0 == 0)
    stream.publish(1)
    stream.publish(2)
    assert seen == [1, 1, 2, 2]


def test_trap_39_unsubscribing_while_an_event_is_published() -> None:
    stream, seen = EventStream(), list[str]()

    def first(_: int) -> None:
        seen.append("first")
        of_first.cancel()
        of_second.cancel()

    of_first = stream.subscribe(first, int)
    of_second = stream.subscribe(lambda _: seen.append("second"), int)
    stream.subscribe(lambda _: seen.append("third"), int)
    stream.publish(1)
    stream.publish(2)
    assert seen == ["first", "third", "third"]
    of_first.cancel()  # twice is once


def test_trap_39_subscribing_while_an_event_is_published() -> None:
    stream, seen = EventStream(), list[int]()
    stream.subscribe(lambda n: stream.subscribe(seen.append, int) and None, int)
    stream.publish(1)
    assert seen == []
    stream.publish(2)
    assert seen == [2]


def test_an_event_published_by_a_subscriber_comes_after_the_present_one() -> None:
    stream, seen = EventStream(), list[str]()

    def first(number: int) -> None:
        if number < 3:
            stream.publish(number + 1)
        seen.append(f"first {number}")

    stream.subscribe(first, int)
    stream.subscribe(lambda number: seen.append(f"second {number}"), int)
    stream.publish(1)
    assert seen == [f"{who} {n}" for n in (1, 2, 3) for who in ("first", "second")]


async def test_as_an_async_iterator() -> None:
    stream = EventStream()
    async with stream.stream(int) as events:
        stream.publish(1)
        stream.publish("not an int")
        stream.publish(2)
        assert [await anext(events), await anext(events)] == [1, 2]
        asyncio.get_running_loop().call_later(1.0, stream.publish, 3)
        async for number in events:
            assert number == 3
            break
    stream.publish(4)


async def test_when_nobody_reads_the_oldest_events_are_dropped() -> None:
    stream = EventStream()
    async with stream.stream(int, capacity=3) as events:
        for number in range(10):
            stream.publish(number)
        assert [await anext(events) for _ in range(3)] == [7, 8, 9]


async def test_the_first_event_that_fits(system: ActorSystem) -> None:
    loop = asyncio.get_running_loop()
    for number in range(5):
        loop.call_later(number, system.events.publish, number)
    found = await system.events.first(int, where=lambda n: n > 2)
    assert (found, loop.time()) == (3, 3.0)
    with pytest.raises(TimeoutError):
        await system.events.first(str, timeout=1.0)
