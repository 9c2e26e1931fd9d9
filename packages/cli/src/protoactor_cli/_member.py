"""The process of one member: joins, runs the program, leaves.

SIGTERM, SIGINT and the death of the parent end the program; the member then leaves
as it would anyway. `main` may end by itself, and may use `cluster.wait_closed()`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import AsyncExitStack, contextmanager
from types import FrameType
from typing import Any

from protoactor_cli._assignment import Assignment
from protoactor_cli._complaints import EXPLAINED, FAILED, shout
from protoactor_cli._program import Main, load_program
from protoactor_cluster import Cluster, join

__all__: list[str] = []

SIGNALS = signal.SIGTERM, signal.SIGINT
LAST_WORDS = 1.0
"""Seconds for `main` to end by itself, as `wait_closed()` lets it."""


class NotJoined(Exception):
    """The member could not join, and the text says why."""


async def serve(assignment: Assignment) -> None:
    """Be a member until the program ends. Raises `NotJoined`, and what it raises."""
    program = load_program(assignment.target)
    async with AsyncExitStack() as stack:
        member = join(
            assignment.cluster,
            provider=assignment.provider,
            kinds=program.kinds,
            host=assignment.host,
            port=assignment.port,
            tls=assignment.read_tls(),
            messages=program.messages,
            errors=program.errors,
            drain_timeout=assignment.drain_timeout,
            introspection=assignment.introspection,
        )
        try:
            cluster = await stack.enter_async_context(member)
        except EXPLAINED as error:
            raise NotJoined(str(error)) from error
        await run_while_member(program.main, cluster)


async def run_while_member(main: Main, cluster: Cluster) -> None:
    """What `main` does is over once somebody has asked this member to leave."""
    running = asyncio.ensure_future(main(cluster))
    left = asyncio.create_task(cluster.left.wait())
    try:
        either: set[asyncio.Future[Any]] = {running, left}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await asyncio.wait({running}, timeout=LAST_WORDS)
    finally:
        left.cancel()
        running.cancel()
        await asyncio.wait({running})
    if not running.cancelled():
        running.result()


async def serve_until_told(assignment: Assignment) -> None:
    """Asked to end, the program is cancelled where it stands, which leaves the block."""
    serving = asyncio.create_task(serve(assignment))
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), end_with_parent)
    waiting = asyncio.create_task(told.wait())
    try:
        with hearing(lambda: loop.call_soon_threadsafe(told.set)):
            either: set[asyncio.Task[Any]] = {serving, waiting}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if told.is_set() and not serving.done():
                serving.cancel()
                await asyncio.wait({serving})
    finally:
        waiting.cancel()
        loop.remove_reader(sys.stdin.fileno())
    if not serving.cancelled():
        serving.result()


@contextmanager
def hearing(tell: Callable[[], object]) -> Generator[None, None, None]:
    """Be told of SIGTERM and SIGINT, unless `main` itself waits in `wait_closed()`."""

    def hear(number: int, _: FrameType | None) -> None:
        if signal.getsignal(number) is hear:
            tell()

    before = {number: signal.signal(number, hear) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent() -> None:
    """The other end of standard input is the parent's: it closes when that dies."""
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    try:
        asyncio.run(serve_until_told(Assignment.from_json(sys.argv[1])))
    except NotJoined as error:
        shout(f"protoactor: {error}")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
