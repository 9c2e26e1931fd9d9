"""The processes of the demo, and what they say."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lines

HERE = Path(__file__).parent
Listener = Callable[["Process", dict[str, Any]], None]


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()


class Process:
    """A Python process whose JSON lines go to a listener."""

    def __init__(self, name: str, listener: Listener) -> None:
        self.name = name
        self.address = ""
        self._listener = listener
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ended = False

    async def start(self, script: str, *arguments: str) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, HERE / script, *arguments, stdin=pipe, stdout=pipe
        )
        self._reading = asyncio.create_task(self._read())

    @property
    def started(self) -> bool:
        """Whether it was started and nobody here has ended it."""
        return self._process is not None and not self._ended

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def tell(self, command: str) -> None:
        """Send a command to its standard input."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self._ended = True
        if self.alive and self._process is not None:
            self._process.kill()

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL if that does not end it in 5 s."""
        if self._process is None or self._reading is None:
            return
        if self.alive:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 5.0)
        except TimeoutError:
            self._process.kill()
        await self._reading

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if said := lines.read(line):
                self._listener(self, said)
        await self._process.wait()
