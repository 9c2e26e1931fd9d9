"""JSON lines on standard output, by which processes tell a test what happens."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

__all__ = ["commands", "tell"]


def tell(event: str, **values: Any) -> None:
    """Say something, with the time; monotonic clocks agree on one machine."""
    line = json.dumps({"event": event, "at": time.monotonic(), **values})
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def commands() -> AsyncIterator[str]:
    """The lines of standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line.decode().strip()
