"""Programs in processes of their own, and what they tell."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

__all__ = ["Said", "Script"]

HERE = Path(__file__).parent
PATIENCE = 60.0
LONGEST_LINE = 64 * 1024 * 1024
Said = dict[str, Any]


class Script:
    """A Python process that tells JSON lines; leaving the block kills it."""

    def __init__(self, script: str, *arguments: str) -> None:
        self._command = (str(HERE / script), *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.said: list[Said] = []
        self.noise = ""
        """Everything else that it wrote."""

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *raised: object) -> None:
        self.signal(signal.SIGKILL)
        await self.ended()
        error = raised[1]
        if isinstance(error, BaseException) and self.noise:
            error.add_note(f"--- {self} wrote:\n{self.noise[-4000:]}")

    def __str__(self) -> str:
        return " ".join((Path(self._command[0]).name, *self._command[1:2]))

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def signal(self, number: signal.Signals) -> float:
        """Send a signal; returns when."""
        at = time.monotonic()
        if self._process is not None and self.running:
            self._process.send_signal(number)
        return at

    def tell(self, command: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        assert self._process is not None and self._reading is not None
        async with asyncio.timeout(PATIENCE):
            await self._process.wait()
            await self._reading
        return self._process.returncode or 0

    async def says(
        self, event: str, where: Callable[[Said], bool] = bool, *, after: float = 0.0
    ) -> Said:
        """The first line about this event told after that time; waits for it."""
        found: Said | None = None

        def look() -> bool:
            nonlocal found
            found = next((it for it in self.all(event, after) if where(it)), None)
            return found is not None or not self._is_heard()

        try:
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(look)
        except TimeoutError:
            raise AssertionError(f"{self} says nothing about {event!r}") from None
        if found is None:
            raise AssertionError(f"{self} ended without a word about {event!r}")
        return found

    def all(self, event: str, after: float = 0.0) -> list[Said]:
        """What it said about this event since then."""
        return [it for it in self.said if it["event"] == event and it["at"] >= after]

    def last(self, event: str) -> Said:
        return self.all(event)[-1]

    def _is_heard(self) -> bool:
        return self._reading is not None and not self._reading.done()

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        while line := await self._process.stdout.readline():
            async with self._news:
                try:
                    self.said.append(json.loads(line))
                except ValueError:
                    self.noise += line.decode(errors="replace")
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()
