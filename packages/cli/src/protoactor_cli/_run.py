"""`protoactor run`: one process per member, ended together."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass, field

from protoactor_cli._assignment import Assignment
from protoactor_cli._complaints import FAILED, shout

__all__ = ["Runner"]

PAUSE = 1.0
"""Seconds before a member that failed is started again."""
LEAVE_MARGIN = 15.0
"""Seconds that leaving may take beyond its `drain_timeout`."""


@dataclass(slots=True)
class Runner:
    """Starts members and waits for them; all are told to leave on a signal.

    Whoever ends with an error is started again, `restarts` times each. A second
    signal, or a member that does not leave in time, ends with SIGKILL.
    """

    assignments: Sequence[Assignment]
    restarts: int = 0
    _processes: set[Process] = field(default_factory=set[Process])
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """The exit code: 0 if every member ended well."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._tell)
        try:
            async with asyncio.TaskGroup() as group:
                ends = [group.create_task(self._keep(it)) for it in self.assignments]
        finally:
            self._kill()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
        return FAILED if any(task.result() for task in ends) else 0

    async def _keep(self, assignment: Assignment) -> int:
        """Run one member, again if it fails and may."""
        left, code = self.restarts, 0
        while not self._told.is_set():
            code = await self._run_once(assignment)
            if code == 0:
                return 0
            shout(f"member {assignment.number} ended with exit code {code}")
            if not left or not await self._pause():
                break
            left -= 1
        return code

    async def _pause(self) -> bool:
        """Whether it may go on after a pause."""
        try:
            await asyncio.wait_for(self._told.wait(), PAUSE)
        except TimeoutError:
            return True
        return False

    async def _run_once(self, assignment: Assignment) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "protoactor_cli._member",
            assignment.to_json(),
            stdin=PIPE,
            env={**os.environ, "PROTOACTOR_MEMBER": str(assignment.number)},
        )
        self._processes.add(process)
        try:
            leaving = asyncio.create_task(self._see_off(process, assignment))
            code = await process.wait()
            leaving.cancel()
            return code
        finally:
            self._processes.discard(process)

    async def _see_off(self, process: Process, assignment: Assignment) -> None:
        """Once told, ask the member to leave, and insist after a while."""
        await self._told.wait()
        process.send_signal(signal.SIGTERM)
        patience = assignment.drain_timeout + LEAVE_MARGIN
        await asyncio.sleep(patience)
        shout(f"member {assignment.number} has not left within {patience:g} s: killed")
        process.kill()

    def _tell(self) -> None:
        if self._told.is_set():
            self._kill()
        else:
            shout("leaving; press Ctrl-C again to kill")
            self._told.set()

    def _kill(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
