"""The network in memory, and its faults."""

from __future__ import annotations

import asyncio

import pytest

from protoactor_remote.memory import MemoryTransport, Network
from protoactor_remote.transport import (
    NotConnected,
    Refusal,
    ServerStream,
    Stream,
    StreamClosed,
    StreamRefused,
)


class Echo:
    """Sends every frame back; refuses the stream over one that says so."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.done = 0

    async def accept(self, stream: ServerStream) -> None:
        try:
            while (frame := await stream.read()) is not None:
                if frame == b"refuse":
                    raise StreamRefused(Refusal.BLOCKED, "as you wish")
                await stream.write(frame)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.done += 1

    async def answer(self, method: str, request: bytes) -> bytes:
        return method.encode() + request

    def turned_away(self, reason: str) -> None:
        raise AssertionError(reason)


class World:
    """A dialler at :1 and an echo at :2."""

    def __init__(self) -> None:
        self.network = Network()
        self.echo = Echo()
        self.here: MemoryTransport = self.network.transport()
        self.there: MemoryTransport = self.network.transport()

    async def start(self) -> World:
        self.dialler = await self.here.listen("here", 1)
        self.listener = await self.there.listen("there", 2)
        await self.listener.serve(self.echo)
        return self

    async def dial(self) -> Stream:
        return await self.here.connect("there:2")


async def echoed(stream: Stream, frame: bytes) -> None:
    await stream.write(frame)
    assert await stream.read() == frame


async def test_frames_arrive_in_order_and_a_half_close_ends_the_stream() -> None:
    world = await World().start()
    stream = await world.dial()
    for n in range(10):
        await stream.write(bytes([n]))
    await stream.end()
    assert [await stream.read() for _ in range(11)] == [
        *(bytes([n]) for n in range(10)),
        None,
    ]
    assert world.echo.done == 1


async def test_a_writer_waits_for_a_reader_that_does_not_keep_up() -> None:
    world = await World().start()
    stream = await world.dial()

    async def write() -> None:
        for _ in range(1000):
            await stream.write(b"x")

    writing = asyncio.create_task(write())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(writing), 0.05)
    for _ in range(1000):
        await stream.read()
    await writing


async def test_nobody_listens() -> None:
    world = await World().start()
    with pytest.raises(StreamClosed, match="refused"):
        await world.here.connect("nowhere:1")
    await world.listener.close(0.0)
    with pytest.raises(StreamClosed, match="refused"):
        await world.dial()


async def test_a_partition_holds_everything_until_it_heals() -> None:
    world = await World().start()
    stream = await world.dial()
    await echoed(stream, b"before")
    world.network.partition("here:1", "there:2")
    await stream.write(b"held")
    dialling = asyncio.create_task(world.dial())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(dialling), 0.05)
    world.network.heal("here:1", "there:2")
    assert await stream.read() == b"held"
    await echoed(await dialling, b"new")


async def test_a_partition_touches_only_its_two_sides() -> None:
    world = await World().start()
    world.network.partition("here:1", "elsewhere:3")
    await echoed(await world.dial(), b"x")


async def test_a_reset_breaks_streams_and_refuses_new_ones_until_it_heals() -> None:
    world = await World().start()
    stream = await world.dial()
    await echoed(stream, b"before")
    world.network.reset("there:2", "here:1")
    with pytest.raises(StreamClosed, match="reset"):
        await stream.read()
    with pytest.raises(StreamClosed):
        await stream.write(b"x")
    with pytest.raises(StreamClosed, match="refused"):
        await world.dial()
    await asyncio.sleep(0)
    assert world.echo.cancelled == 1
    world.network.heal("here:1", "there:2")
    await echoed(await world.dial(), b"after")


async def test_a_crash_breaks_what_a_node_dialled_and_what_it_serves() -> None:
    world = await World().start()
    await world.dialler.serve(world.echo)
    out, back = await world.dial(), await world.there.connect("here:1")
    world.network.crash("there:2")
    for stream in (out, back):
        with pytest.raises(StreamClosed):
            await stream.read()
    with pytest.raises(StreamClosed):
        await world.there.connect("here:1")
    again = await world.network.transport().listen("there", 2)
    await again.serve(world.echo)
    await echoed(await world.dial(), b"x")


async def test_frames_take_their_time_and_keep_their_order() -> None:
    world = await World().start()
    loop = asyncio.get_running_loop()
    world.network.delay("here:1", "there:2", 0.05)
    stream = await world.dial()
    began = loop.time()
    await stream.write(b"1")
    await stream.write(b"2")
    assert [await stream.read(), await stream.read()] == [b"1", b"2"]
    assert loop.time() - began >= 0.1


async def test_a_refusal_arrives_after_what_was_sent_before() -> None:
    world = await World().start()
    stream = await world.dial()
    await stream.write(b"a")
    await stream.write(b"refuse")
    assert await stream.read() == b"a"
    with pytest.raises(StreamRefused, match="as you wish") as caught:
        await stream.read()
    assert caught.value.refusal is Refusal.BLOCKED


async def test_closing_cancels_who_serves() -> None:
    world = await World().start()
    stream = await world.dial()
    await echoed(stream, b"x")
    await stream.close()
    await asyncio.sleep(0)
    assert world.echo.cancelled == 1
    other = await world.dial()
    await echoed(other, b"x")
    await world.listener.close(0.0)
    assert world.echo.cancelled == 2
    with pytest.raises(StreamClosed):
        await other.read()


async def test_unary_calls() -> None:
    world = await World().start()
    assert await world.here.call("there:2", "Hi", b"!", 1.0) == b"Hi!"
    world.network.partition("here:1", "there:2")
    with pytest.raises(NotConnected, match="no connection"):
        await world.here.call("there:2", "Hi", b"!", 0.05)


async def test_a_port_is_bound_once_and_zero_finds_a_free_one() -> None:
    world = await World().start()
    with pytest.raises(OSError, match="taken"):
        await world.network.transport().listen("there", 2)
    ports = {(await world.network.transport().listen("x", 0)).port for _ in range(3)}
    assert len(ports) == 3
