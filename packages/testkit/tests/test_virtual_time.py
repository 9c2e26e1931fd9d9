"""The virtual loop: jumps, stands still, and says when a test would hang."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import pytest

from protoactor_testkit import VirtualTimeLoop, WouldWaitForEver

T = TypeVar("T")


def run(
    work: Callable[[], Coroutine[Any, Any, T]],
    factory: Callable[[], asyncio.AbstractEventLoop] = VirtualTimeLoop,
) -> T:
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work())


def now() -> float:
    return asyncio.get_running_loop().time()


def test_an_hour_takes_no_time() -> None:
    async def sleep() -> float:
        await asyncio.sleep(3600.0)
        return now()

    started = time.monotonic()
    assert run(sleep) == 3600.0
    assert time.monotonic() - started < 5.0


def test_timers_fire_in_order_at_their_exact_time() -> None:
    async def fire() -> list[tuple[str, float]]:
        fired: list[tuple[str, float]] = []
        loop = asyncio.get_running_loop()
        for name, delay in [("c", 0.3), ("a", 0.1), ("d", 100_000.7), ("b", 0.2)]:
            loop.call_later(delay, lambda name=name: fired.append((name, now())))
        await asyncio.sleep(200_000)
        return fired

    expected = [("a", 0.1), ("b", 0.2), ("c", 0.3), ("d", 100_000.7)]
    assert run(fire) == expected


def test_the_clock_stands_still_while_callbacks_run() -> None:
    async def spin() -> set[float]:
        seen: set[float] = set()
        for _ in range(1000):
            await asyncio.sleep(0)
            seen.add(now())
        return seen

    assert run(spin, partial(VirtualTimeLoop, start=7.0)) == {7.0}


def test_a_cancelled_timer_is_not_jumped_to() -> None:
    async def cancel() -> float:
        asyncio.get_running_loop().call_later(5.0, print).cancel()
        await asyncio.sleep(1.0)
        return now()

    assert run(cancel) == 1.0


def test_waiting_for_ever_is_an_error_that_names_who_waits() -> None:
    async def wait_for_nobody() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(WouldWaitForEver) as raised:
        run(wait_for_nobody)
    assert "wait_for_nobody" in str(raised.value)
    assert __file__ in str(raised.value)
    assert len(raised.value.waiting) == 1


def test_a_loop_that_was_stuck_goes_on() -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        with pytest.raises(WouldWaitForEver):
            runner.run(asyncio.Event().wait())
        assert runner.run(asyncio.sleep(1.0, "on")) == "on"


def test_no_jump_over_work_in_a_thread() -> None:
    async def work() -> float:
        async with asyncio.timeout(60.0):
            await asyncio.to_thread(time.sleep, 0.05)
        return now()

    assert run(work) == 0.0


def test_timers_fire_while_a_thread_works() -> None:
    async def time_out() -> float:
        ended = threading.Event()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.to_thread(ended.wait, 30.0)
        ended.set()
        return now()

    assert run(time_out) == 0.05


def test_real_time_is_for_threads_unknown_to_the_loop() -> None:
    async def wait() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        done = asyncio.Event()
        signal = partial(loop.call_soon_threadsafe, done.set)
        with loop.real_time():
            threading.Timer(0.05, signal).start()
            async with asyncio.timeout(60.0):
                await done.wait()
        return now()

    assert run(wait) == 0.0


async def read_in_time() -> tuple[bytes, float]:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    write_later = threading.Timer(0.05, theirs.sendall, [b"x"])
    write_later.start()
    try:
        async with asyncio.timeout(60.0):
            data = await reader.read(1)
        return data, now()
    finally:
        write_later.join()
        theirs.close()
        writer.close()
        await writer.wait_closed()


def test_no_jump_while_a_socket_is_open() -> None:
    assert run(read_in_time) == (b"x", 0.0)


def test_sockets_are_jumped_over_when_told() -> None:
    with pytest.raises(TimeoutError):
        run(read_in_time, partial(VirtualTimeLoop, jump_over_sockets=True))


def test_two_runs_take_the_same_course() -> None:
    async def race() -> list[int]:
        order: list[int] = []

        async def runner(number: int) -> None:
            for step in range(20):
                await asyncio.sleep((number * 7919 + step * 104729) % 97 / 10)
                order.append(number)

        await asyncio.gather(*map(runner, range(20)))
        return order

    assert run(race) == run(race)


async def fire_at(*times: float) -> list[bool]:
    loop, fired = asyncio.get_running_loop(), list[bool]()
    for due in times:
        loop.call_at(due, lambda due=due: fired.append(loop.time() >= due))
    await asyncio.sleep(times[-1] + 1.0)
    return fired


def test_no_timer_fires_early() -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        fired = runner.run(fire_at(1.0, 1.0 + 4e-10, 1.0 + 8e-10))
    assert fired == [True, True, True]
