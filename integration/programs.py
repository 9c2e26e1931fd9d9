"""Real processes with their output at hand."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["EXAMPLES", "ROOT", "Program", "free_ports"]

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


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


class Program:
    """A Python program; leaving the block kills what still runs."""

    def __init__(
        self,
        script: Path,
        *arguments: str,
        launcher: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`launcher` is a command that takes the command to run."""
        self._script = script
        self._arguments: Sequence[str] = arguments
        self._launcher = launcher
        self._environment = environment or {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said = asyncio.Condition()
        self.output = ""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._launcher,
            sys.executable,
            *("-X", "dev", "-W", "error", str(self._script), *self._arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self._environment, "PYTHONUNBUFFERED": "1"},
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.signal(signal.SIGKILL)
        await self.ended(60.0)
        if error is not None:
            error.add_note(f"--- {self._script.name} said:\n{self.output}")

    @property
    def code(self) -> int | None:
        """The exit code, once it has ended."""
        assert self._process is not None
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def ended(self, timeout: float) -> int:
        """Wait for its end; returns the exit code."""
        assert self._process is not None and self._reading is not None
        async with asyncio.timeout(timeout):
            await self._process.wait()
            await self._reading
        code = self._process.returncode
        assert code is not None
        return code

    async def says(self, pattern: str, timeout: float = 60.0) -> re.Match[str]:
        """Wait until what it has said so far matches."""
        found: re.Match[str] | None = None

        def look() -> bool:
            nonlocal found
            found = re.search(pattern, self.output)
            return found is not None or self._is_over()

        async with asyncio.timeout(timeout), self._said:
            await self._said.wait_for(look)
        if found is None:
            raise AssertionError(f"it ended without saying {pattern!r}")
        return found

    def forget(self) -> None:
        """Let `says` look only at what comes from now on."""
        self.output = ""

    def _is_over(self) -> bool:
        return self._reading is not None and self._reading.done()

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        while line := await self._process.stdout.readline():
            async with self._said:
                self.output += line.decode(errors="replace")
                self._said.notify_all()
        async with self._said:
            self._said.notify_all()
