"""A watch that notices when it has gone quiet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from typing import TypeVar

from protoactor_cluster.spi import now

__all__ = ["changes"]

T = TypeVar("T")


async def changes(
    watch: AsyncIterable[T], tick: float, patience: float
) -> AsyncGenerator[T | None, None]:
    """What a watch yields, and None after every `tick` seconds without a word.

    Ends after `patience` seconds without one: members renew their Leases more often
    than that, so either there is none, or nothing gets through any more.
    """
    following = aiter(watch)
    coming = asyncio.ensure_future(anext(following))
    heard = now()
    try:
        while now() - heard < patience:
            await asyncio.wait({coming}, timeout=tick)
            if not coming.done():
                yield None
                continue
            heard = now()
            yield coming.result()
            coming = asyncio.ensure_future(anext(following))
    except StopAsyncIteration:
        return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
