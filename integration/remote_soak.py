"""What a process holds while two of its nodes reconnect, and withdraw requests.

`hatch run python integration/remote_soak.py` prints tables and, with `--svg FILE`,
draws the memory; both nodes are in the process, so a leak on either side shows.
Bare gRPC channels, opened and closed as often, tell what gRPC itself keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from line_plot import line_plot

from protoactor import PID, Actor, ActorSystem, Context, Touch, Touched
from protoactor_remote import Remote

SAMPLES = 10
SETTLING = 6.0
"""Seconds before each sample: gRPC closes sockets later, requests have 5 s."""
MEGABYTE = 1 << 20


class Silent(Actor):
    """Answers nobody."""

    def receive(self, context: Context) -> None:
        pass


@dataclass(frozen=True)
class Nodes:
    """Two nodes of one process, connected through gRPC."""

    here: ActorSystem
    remote: Remote
    there: Remote
    silent: PID

    @classmethod
    async def start(cls, stack: AsyncExitStack) -> Nodes:
        here = await stack.enter_async_context(ActorSystem(stall_warning=None))
        remote = await stack.enter_async_context(Remote(here))
        other = await stack.enter_async_context(ActorSystem(stall_warning=None))
        there = await stack.enter_async_context(Remote(other))
        return cls(here, remote, there, other.spawn(Silent))

    async def reconnect(self, times: int) -> None:
        """Each time a new channel, handshake and stream, and an answer over them."""
        activator = PID(self.there.address, "activator")
        for _ in range(times):
            await self.here.request(activator, Touch(), returns=Touched)
            self.remote.disconnect(self.there.address)
            await asyncio.sleep(0)

    async def cancel(self, times: int) -> None:
        """A hundred at a time, written or still queued."""
        for _ in range(times // 100):
            asked = [
                asyncio.create_task(self.here.request(self.silent, Touch()))
                for _ in range(100)
            ]
            await self.remote.drain(self.there.address)
            await asyncio.sleep(0)
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)


class Bare:
    """A gRPC server that sends frames back, and who calls it; nothing of ours."""

    def __init__(self) -> None:
        self._server = grpc.aio.server()
        methods: dict[str, Any] = {
            "Echo": grpc.stream_stream_rpc_method_handler(self._echo)
        }
        handler = grpc.method_handlers_generic_handler("bare", methods)
        self._server.add_generic_rpc_handlers((handler,))
        self._port = self._server.add_insecure_port("127.0.0.1:0")

    async def start(self, stack: AsyncExitStack) -> None:
        await self._server.start()
        stack.push_async_callback(self._server.stop, 0.0)

    async def reconnect(self, times: int) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        for _ in range(times):
            where = f"127.0.0.1:{self._port}"
            channel: Any = grpc.aio.insecure_channel(where, options=options)
            call = channel.stream_stream("/bare/Echo")()
            await call.write(b"hello")
            assert await call.read() == b"hello"
            call.cancel()
            await channel.close()

    @staticmethod
    async def _echo(_: object, context: Any) -> None:
        while (frame := await context.read()) is not grpc.aio.EOF:
            await context.write(frame)


@dataclass(frozen=True)
class Sample:
    """What the process holds after so many rounds."""

    rounds: int
    memory: float
    """MiB in RAM."""
    blocks: int
    """Pieces of memory that Python objects hold."""
    tasks: int
    threads: int
    files: int

    @classmethod
    async def take(cls, rounds: int) -> Sample:
        await asyncio.sleep(SETTLING)
        gc.collect()
        return cls(
            rounds,
            resident() / MEGABYTE,
            sys.getallocatedblocks(),
            len(asyncio.all_tasks()),
            threading.active_count(),
            len(os.listdir("/proc/self/fd")),
        )


def resident() -> int:
    """Bytes of this process in memory (Linux)."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def sampled(work: Callable[[int], Awaitable[None]], rounds: int) -> list[Sample]:
    """One sample before, and ten on the way; a tenth of the rounds warms up."""
    await work(max(rounds // SAMPLES, 100))
    samples = [await Sample.take(0)]
    for n in range(1, SAMPLES + 1):
        await work(rounds // SAMPLES)
        samples.append(await Sample.take(n * rounds // SAMPLES))
    return samples


def table(title: str, samples: list[Sample], seconds: float) -> str:
    lines = [
        f"{title}, {seconds:.0f} s",
        "  rounds   MiB  blocks  tasks  threads  files",
    ]
    lines += [
        f"{s.rounds:8} {s.memory:5.1f} {s.blocks:7} {s.tasks:6} {s.threads:8} {s.files:6}"
        for s in samples
    ]
    return "\n".join(lines)


def plot(measured: dict[str, list[Sample]]) -> str:
    """Both series over their share of the rounds, in percent."""
    curves = {
        name: [(100 * s.rounds / samples[-1].rounds, s.memory) for s in samples]
        for name, samples in measured.items()
    }
    highest = max(y for curve in curves.values() for _, y in curve)
    top = 20.0 * (highest // 20 + 1)
    return line_plot("memory of the process, MiB", "% of the rounds", curves, top)


async def soak(reconnects: int, cancelled: int) -> dict[str, list[Sample]]:
    measured: dict[str, list[Sample]] = {}

    async def measure(
        name: str, work: Callable[[int], Awaitable[None]], rounds: int
    ) -> None:
        began = time.monotonic()
        name = f"{rounds:,} {name}"
        measured[name] = await sampled(work, rounds)
        print(table(name, measured[name], time.monotonic() - began), flush=True)

    async with AsyncExitStack() as stack:
        nodes = await Nodes.start(stack)
        await measure("reconnects", nodes.reconnect, reconnects)
        await measure("cancelled requests", nodes.cancel, cancelled)
        bare = Bare()
        await bare.start(stack)
        await measure("bare gRPC channels", bare.reconnect, reconnects)
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reconnects", type=int, default=10_000, metavar="N")
    parser.add_argument("--cancelled", type=int, default=100_000, metavar="N")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the memory")
    options = parser.parse_args()
    measured = asyncio.run(soak(options.reconnects, options.cancelled))
    if options.svg is not None:
        options.svg.write_text(plot(measured))


if __name__ == "__main__":
    main()
