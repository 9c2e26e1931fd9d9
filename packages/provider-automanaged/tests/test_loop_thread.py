"""An event loop in a thread: what runs there, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from protoactor_provider_automanaged._loop_thread import LoopThread


@pytest.fixture
async def thread() -> AsyncGenerator[LoopThread, None]:
    running = LoopThread("a loop")
    running.start()
    yield running
    await running.stop()
    assert "a loop" not in [each.name for each in threading.enumerate()]


async def test_a_coroutine_runs_there_and_its_result_comes_here(
    thread: LoopThread,
) -> None:
    async def where() -> threading.Thread:
        return threading.current_thread()

    assert await thread.run(where()) is not threading.current_thread()


async def test_an_exception_comes_here(thread: LoopThread) -> None:
    async def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await thread.run(fails())


async def test_it_runs_while_the_owner_is_blocked(thread: LoopThread) -> None:
    ran = threading.Event()

    async def runs() -> None:
        await asyncio.sleep(0.01)
        ran.set()

    running = thread.run(runs())
    assert ran.wait(5.0)
    await running


async def test_the_owner_is_told_in_its_own_thread(thread: LoopThread) -> None:
    told: asyncio.Queue[tuple[str, threading.Thread]] = asyncio.Queue()

    def take(text: str) -> None:
        told.put_nowait((text, threading.current_thread()))

    async def tells() -> None:
        thread.tell_owner(take, "news")

    await thread.run(tells())
    assert await told.get() == ("news", threading.current_thread())


@asynccontextmanager
async def resource(log: list[str]) -> AsyncGenerator[None, None]:
    log.append(f"entered in {threading.current_thread().name}")
    try:
        yield
    finally:
        log.append(f"left in {threading.current_thread().name}")


async def test_a_resource_is_held_for_the_block(thread: LoopThread) -> None:
    log: list[str] = []
    async with thread.hold(resource(log)):
        assert log == ["entered in a loop"]
    assert log == ["entered in a loop", "left in a loop"]


async def test_a_resource_that_cannot_be_entered_raises_here(
    thread: LoopThread,
) -> None:
    @asynccontextmanager
    async def broken() -> AsyncGenerator[None, None]:
        raise PermissionError
        yield

    with pytest.raises(PermissionError):
        async with thread.hold(broken()):
            pytest.fail("entered")


async def test_a_resource_is_left_when_the_block_is_cancelled(
    thread: LoopThread,
) -> None:
    log: list[str] = []

    async def holds() -> None:
        async with thread.hold(resource(log)):
            holding.set()
            await asyncio.Event().wait()

    holding = asyncio.Event()
    task = asyncio.create_task(holds())
    await holding.wait()
    task.cancel()
    await asyncio.wait([task])
    assert log == ["entered in a loop", "left in a loop"]


async def test_stop_cancels_what_still_runs() -> None:
    thread = LoopThread("stopping")
    thread.start()
    log: list[str] = []

    async def lasts() -> None:
        async with resource(log):
            thread.tell_owner(entered.set)
            await asyncio.Event().wait()

    entered = asyncio.Event()
    running = thread.run(lasts())
    await entered.wait()
    await thread.stop()
    assert log == ["entered in stopping", "left in stopping"]
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_thread_ends_even_if_stop_is_cancelled() -> None:
    thread = LoopThread("cancelled")
    thread.start()
    stopping = asyncio.create_task(thread.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    await asyncio.wait([stopping])
    deadline = time.monotonic() + 5.0
    while "cancelled" in [each.name for each in threading.enumerate()]:
        assert time.monotonic() < deadline
        time.sleep(0.001)  # noqa: ASYNC251 (the thread needs no help of this loop)


def test_a_process_ends_whose_block_was_never_left() -> None:
    script = """
        import asyncio
        from protoactor_cluster.provider import Member
        from protoactor_provider_automanaged import AutomanagedProvider

        async def main():
            provider = AutomanagedProvider(["127.0.0.1:19997"], 19997)
            await provider.join("shop", Member("a", "h", 1)).__aenter__()
            raise SystemExit(7)

        asyncio.run(main())
    """
    code = textwrap.dedent(script)
    ended = subprocess.run([sys.executable, "-c", code], timeout=20, check=False)
    assert ended.returncode == 7
