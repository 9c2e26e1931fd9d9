"""The demo: three members and a client as processes, a kill, a comeback.

Needs no service: the members find each other by pinging.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from processes import Process, free_ports
from screen import Screen
from spans import Span, handover, tree
from state import DemoState, percentile

MEMBERS = 3
PATIENCE = 20.0
IDLE = 4.0


class Surveyed(NamedTuple):
    """A grain's owner, and which life of it answered: host and start."""

    owner: str
    life: tuple[str, float]


class Demo:
    """Tells the story, step by step; every step waits for what it announces."""

    def __init__(self, trace: bool) -> None:
        self._trace = trace
        self._state = DemoState()
        self._screen = Screen(self._state)
        self._spans: list[Span] = []
        self._members: list[Process] = []
        self._client = Process("client", self._heard)
        self._connected = False
        self._surveyed: dict[str, Surveyed] | None = None
        self._ports = free_ports(MEMBERS + 1)
        self._hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)

    async def run(self) -> None:
        drawing = asyncio.create_task(self._draw_forever())
        try:
            await self._start()
            await self._first_call()
            moved = await self._join()
            outage = await self._kill_host()
            comeback = await self._passivate()
            self._summary(moved, outage, comeback)
        finally:
            drawing.cancel()
            everyone = [self._client, *self._members]
            await asyncio.gather(*(process.stop() for process in everyone))

    async def _start(self) -> None:
        self._screen.tell(f"Starting {MEMBERS} members and a client ...")
        for port in self._ports[:MEMBERS]:
            await self._start_member(port)
        flags = ["--trace"] if self._trace else []
        await self._client.start("client.py", f"automanaged://{self._hosts}", *flags)
        await self._until(
            lambda: (
                self._connected
                and len(self._state.members) == MEMBERS
                and all(member.address for member in self._members)
            ),
            "the members see each other",
        )
        self._screen.tell(f"{MEMBERS} members see each other.")

    async def _start_member(self, port: int) -> None:
        member = Process(f"member-{len(self._members) + 1}", self._heard)
        self._members.append(member)
        flags = ["--trace"] if self._trace else []
        await member.start(
            "member.py", f"automanaged://{self._hosts}?port={port}", *flags
        )

    async def _first_call(self) -> None:
        self._screen.tell("The client calls ponger-1, which lives nowhere yet ...")
        self._client.tell("resume")
        await self._until(lambda: self._state.host is not None, "the first reply")
        self._screen.tell(f"ponger-1 was activated on {self._state.host}.")
        if self._trace:
            await self._until(lambda: bool(list(tree(self._spans))), "its spans")
            await asyncio.sleep(0.5)  # spans of other processes arrive in any order
            self._screen.tell("The spans of that first call:")
            for line in tree(self._spans):
                self._screen.tell(f"  {line}")
        await asyncio.sleep(1.0)

    async def _join(self) -> int:
        """A member joins: ownership moves, activations and their state stay."""
        before = await self._survey(MEMBERS)
        self._screen.tell(f"{len(before)} more grains live. A fourth member joins ...")
        await self._start_member(self._ports[MEMBERS])
        await self._until(
            lambda: len(self._state.members) == MEMBERS + 1, "the fourth member"
        )
        after = await self._survey(MEMBERS + 1)
        moved = [name for name in before if before[name].owner != after[name].owner]
        stayed = [name for name in moved if before[name].life == after[name].life]
        self._screen.tell(
            f"It owns {len(moved)} of them now; {len(stayed)} of these stayed where "
            "they were, state and all."
        )
        if self._trace:
            newest = self._members[-1].name
            await self._until(
                lambda: bool(list(handover(self._spans, newest))), "its spans"
            )
            self._screen.tell("The spans of that hand-over, on the new member:")
            for line in handover(self._spans, newest):
                self._screen.tell(f"  {line}")
        return len(moved)

    async def _survey(self, members: int) -> dict[str, Surveyed]:
        self._surveyed = None
        self._client.tell(f"survey {members}")
        await self._until(lambda: self._surveyed is not None, "the survey")
        assert self._surveyed is not None
        return self._surveyed

    async def _kill_host(self) -> float:
        victim = next(m for m in self._members if m.address == self._state.host)
        before = self._state.activated_at
        self._screen.tell(f"SIGKILL to {victim.name} ({victim.address}), its host ...")
        killed = time.monotonic()
        victim.kill()
        await self._until(
            lambda: (
                self._state.activated_at != before
                and self._state.host != victim.address
            ),
            "the re-activation",
        )
        outage = time.monotonic() - killed
        self._screen.tell(
            f"ponger-1 answers again from {self._state.host}, {outage:.1f} s later."
        )
        await asyncio.sleep(2.0)
        return outage

    async def _passivate(self) -> float:
        before = self._state.activated_at
        self._screen.tell(f"No calls for {IDLE + 1:.0f} s: ponger-1 is passivated ...")
        self._client.tell("pause")
        await asyncio.sleep(IDLE + 1.0)
        asked = time.monotonic()
        self._client.tell("resume")
        await self._until(lambda: self._state.activated_at != before, "the comeback")
        took = time.monotonic() - asked
        self._screen.tell(f"... and comes back on {self._state.host} when called.")
        await asyncio.sleep(1.0)
        return took

    def _summary(self, moved: int, outage: float, comeback: float) -> None:
        state = self._state
        ordered = sorted(state.all_latencies)
        self._screen.tell(
            f"Summary: {state.calls} calls, {state.failed} failed; "
            f"p50 {percentile(ordered, 0.5):.2f} ms, p99 {percentile(ordered, 0.99):.2f} ms, "
            f"longest {state.longest / 1000:.1f} s (the kill)."
        )
        self._screen.tell(f"Ownership of {moved} grains moved to a member that joined.")
        self._screen.tell(
            f"Back after SIGKILL in {outage:.1f} s, after passivation in {comeback:.1f} s."
        )

    def _heard(self, process: Process, said: dict[str, Any]) -> None:
        match said["event"]:
            case "joined":
                process.address = said["address"]
            case "topology":
                self._state.members = said["members"]
            case "connected":
                self._connected = True
            case "calls":
                self._state.note_calls(said)
            case "survey":
                self._surveyed = {
                    name: Surveyed(owner, (host, activated_at))
                    for name, owner, host, activated_at in said["grains"]
                }
            case "span":
                self._spans.append(Span.read(said, process.name))
            case _:
                pass

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            if died := [p.name for p in self._running() if not p.alive]:
                raise TimeoutError(f"{', '.join(died)} ended; waiting for {what}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {PATIENCE:.0f} s in vain for {what}")
            await asyncio.sleep(0.02)

    def _running(self) -> list[Process]:
        everyone = [self._client, *self._members]
        return [process for process in everyone if process.started]

    async def _draw_forever(self) -> None:
        while True:
            self._screen.draw()
            await asyncio.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument(
        "--trace", action="store_true", help="print the spans of one first call"
    )
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        asyncio.run(Demo(arguments.trace).run())
    except TimeoutError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(f"Done in {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
