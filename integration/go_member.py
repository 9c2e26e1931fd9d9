"""A member of protoactor-go in a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from protoactor_cluster.provider import Member

__all__ = ["CLUSTER", "PATIENCE", "GoMember", "build", "go_command", "go_member"]

CLUSTER = "cluster-example"
PATIENCE = 15.0


def go_command() -> str:
    """Where Go is; skips, or fails where CI=true."""
    go = shutil.which("go")
    if go is not None:
        return go
    if os.environ.get("CI") == "true":
        pytest.fail("CI=true, and Go is not installed")
    pytest.skip("Go is not installed: https://go.dev/dl")


def build(folder: Path, into: Path) -> Path:
    """The program in a folder beside this file."""
    path = into / "member"
    command = [go_command(), "build", "-o", str(path), "."]
    subprocess.run(command, cwd=folder, check=True)
    return path


class GoMember:
    """A running process and the last members it told of."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[str] = []
        self._arrived = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def joined(self) -> str:
        """Its member id."""
        await self._until(lambda: self._last("joined") is not None)
        return self._last("joined") or ""

    async def sees(self, *members: Member) -> None:
        """Wait until it sees exactly these members, besides itself."""
        own = await self.joined()
        await self._until(lambda: self._others(own) == sorted(map(_describe, members)))

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def leave(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await self._process.wait()
            await self._reading

    async def ended(self) -> None:
        await self._reading

    def _last(self, word: str) -> str | None:
        told = [line for line in self._lines if line.startswith(word)]
        return told[-1].removeprefix(word).strip() if told else None

    def _others(self, own: str) -> list[str]:
        told = (self._last("members") or "").split()
        return [each for each in told if not each.startswith(own)]

    async def _until(self, reached: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not reached():
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(f"protoactor-go said {self._lines}") from None

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode().rstrip())
            self._arrived.set()


def _describe(member: Member) -> str:
    return f"{member.id}@{member.address}/{','.join(sorted(member.kinds))}"


@asynccontextmanager
async def go_member(binary: Path, *arguments: str) -> AsyncGenerator[GoMember, None]:
    """Runs while inside; its arguments say where the service is."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        binary, *arguments, CLUSTER, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    )
    member = GoMember(process)
    try:
        yield member
    finally:
        if process.returncode is None:
            await member.kill()
        await member.ended()
