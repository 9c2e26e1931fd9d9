"""Writes what is queued, a frame at a time."""

from __future__ import annotations

import asyncio
import time

from protoactor_remote._batch_encoder import BatchEncoder
from protoactor_remote._outbox import Outbox
from protoactor_remote._spinner import Spinner
from protoactor_remote._statistics import RemoteStatistics
from protoactor_remote.gate import Gate
from protoactor_remote.transport import Stream

__all__ = ["Writer"]


class Writer:
    """Batches form by themselves: what is queued during one write shares the next."""

    def __init__(
        self,
        outbox: Outbox,
        encoder: BatchEncoder,
        stream: Stream,
        statistics: RemoteStatistics,
        spinner: Spinner,
        gate: Gate,
    ) -> None:
        self._outbox = outbox
        self._encoder = encoder
        self._stream = stream
        self._statistics = statistics
        self._spinner = spinner
        self._gate = gate
        self._last = False
        self.in_flight = 0
        """How many items, from the first unwritten one, may have left already."""

    async def run(self) -> None:
        """Go on until `finish`. Raises `StreamClosed`."""
        while True:
            await self._outbox.arrival()
            await self._write_all()
            if self._last and not len(self._outbox):
                return

    def finish(self) -> None:
        """Return once nothing is queued any more."""
        self._last = True
        self._outbox.wake()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        items = self._outbox.take()
        position = 0
        while position < len(items):
            if (passage := self._gate.ask()) is not None:
                await passage
            frame, after = self._encoder.encode(items, position, loop.time())
            if frame:
                self.in_flight = after - position
                self._spinner.start()
                await self._write(frame)
                self.in_flight = 0
            self._outbox.advance(after)
            position = after

    async def _write(self, frame: bytes) -> None:
        record = self._statistics.record_write
        if record is None:
            await self._stream.write(frame)
            return
        start = time.perf_counter()
        await self._stream.write(frame)
        record(time.perf_counter() - start)
