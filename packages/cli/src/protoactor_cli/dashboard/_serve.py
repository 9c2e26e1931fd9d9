"""Runs the dashboard until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from protoactor_cli._look import Target, looking
from protoactor_cli.dashboard._site import site
from protoactor_cli.dashboard._watch import Watch

__all__ = ["serve"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
GRACE = 1
"""Seconds for open pages when it ends."""


async def serve(target: Target, host: str, port: int, interval: float) -> None:
    """Raises `ClusterError` if there is no cluster; SIGTERM and SIGINT end it."""
    async with looking(target) as look:
        watch = Watch(look, interval)
        async with watch.watching():
            config = uvicorn.Config(
                site(watch, [*LOOPBACK, host]),
                host=host,
                port=port,
                log_level="warning",
                timeout_graceful_shutdown=GRACE,
            )
            await Server(config).serve()


class Server(uvicorn.Server):
    """Says where it is, and ends well: the original raises the signal again."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            where = f"http://{self.config.host}:{self.config.port}"
            print(f"{where}  (Ctrl-C ends it)", flush=True)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop, numbers = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self._end)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
