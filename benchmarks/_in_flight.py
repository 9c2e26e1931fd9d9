"""Calls from outside, a fixed number of them under way at any time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from benchmarks._figure import Figure, latencies

__all__ = ["calls_per_second"]


async def calls_per_second(
    call: Callable[[int], Awaitable[object]], count: int, in_flight: int
) -> Figure:
    """How many calls come back in a second, and how long each of them takes.

    `call` is told which one it is: 0, 1, 2 and so on.
    """
    clock = time.perf_counter
    taken: list[float] = []

    async def go_on(numbers: range) -> None:
        for number in numbers:
            began = clock()
            await call(number)
            taken.append(clock() - began)

    each = max(count // in_flight, 1)
    shares = [range(n * each, (n + 1) * each) for n in range(in_flight)]
    started = clock()
    await asyncio.gather(*map(go_on, shares))
    return Figure(each * in_flight / (clock() - started), latencies(taken))
