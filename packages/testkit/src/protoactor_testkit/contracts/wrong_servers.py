"""Servers that are of no use to a provider."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

__all__ = ["HangsUp", "Other", "port_of", "run_servers"]


class HangsUp:
    """Hangs up on everybody, and counts them."""

    def __init__(self) -> None:
        self.calls = 0

    async def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.calls += 1
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class Other(HangsUp):
    """Is a server of something else, and says so before it hangs up."""

    async def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"220 mail.example.org ESMTP; who are you?\r\n" * 10)
        with suppress(OSError):
            await writer.drain()
        await super().accept(reader, writer)


@asynccontextmanager
async def run_servers(*servers: HangsUp) -> AsyncGenerator[list[int], None]:
    """Servers while inside, and their ports."""
    ports: list[int] = []
    async with AsyncExitStack() as stack:
        for each in servers:
            server = await asyncio.start_server(each.accept, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            ports.append(int(server.sockets[0].getsockname()[1]))
        yield ports


@contextmanager
def port_of(*, listening: bool) -> Generator[int, None, None]:
    """A port where nobody listens, or where connections are never accepted."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if listening:
            taken.listen()
        yield int(taken.getsockname()[1])
