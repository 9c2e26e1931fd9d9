"""A member in a process of its own: it can be killed, and its loop blocked."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from protoactor_cluster.provider import Member

__all__ = ["MemberProcess"]

PROGRAM = Path(__file__).with_name("_member_program.py")
STARTS_WITHIN = 60.0
"""Seconds for an interpreter to start on a busy machine: no provider's fault."""


class MemberProcess:
    """Joins by URL in a fresh interpreter and takes orders on its standard input."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, url: str, cluster: str, member: Member) -> MemberProcess:
        """Start it and wait until it has joined; the child inherits stderr."""
        order = json.dumps([url, cluster, *_dump(member)])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", str(PROGRAM), order, stdin=PIPE, stdout=PIPE
        )
        started = cls(process)
        try:
            await started._expect("joined", STARTS_WITHIN)
        except BaseException:
            await started.kill()
            raise
        return started

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._reap()

    async def block_loop(self, seconds: float) -> None:
        await self._order(f"block {seconds}")
        await self._expect("blocking", within=10.0)

    async def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    async def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def membership_lost(self, within: float) -> None:
        await self._expect("lost", within)

    async def leave(self) -> None:
        await self._order("leave")
        await self._reap()

    async def _order(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def _expect(self, word: str, within: float) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            line = (await self._process.stdout.readline()).decode().strip()
        if line != word:
            raise AssertionError(f"the member process said {line!r}, not {word!r}")

    async def _reap(self) -> None:
        """Wait for the end and close both pipes."""
        await self._process.communicate()


def _dump(member: Member) -> list[object]:
    return [
        member.id,
        member.host,
        member.port,
        sorted(member.kinds),
        [list(pair) for pair in member.metadata],
    ]
