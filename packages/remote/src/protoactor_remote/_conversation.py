"""Both directions of a connection, until one of them ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from protoactor_remote._handshake import is_disconnect
from protoactor_remote._writer import Writer
from protoactor_remote.events import TerminationReason
from protoactor_remote.transport import Refusal, Stream, StreamClosed, StreamRefused

__all__ = ["Conversation", "Ending"]

logger = logging.getLogger("protoactor.remote")
CAUSE = 0.2
"""Seconds for the reader to say why writing failed: it knows the status."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a connection ended."""

    reason: TerminationReason
    detail: str = ""


class Conversation:
    """A writer and a reader on one stream, and the wish to end it."""

    def __init__(
        self, stream: Stream, writer: Writer, wish: asyncio.Future[Ending]
    ) -> None:
        self._stream = stream
        self._writer = writer
        self._wish = wish

    async def hold(self, parting: Callable[[Ending], float]) -> Ending:
        """Until the end. `parting` is told of a peaceful one and says how many seconds
        the last frames get."""
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._writer.run())
        ends: set[asyncio.Future[Any]] = {reading, writing, self._wish}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not self._wish.done():
                await asyncio.wait({reading}, timeout=CAUSE)
                return reading.result() if reading.done() else _write_failed(writing)
            ending = self._wish.result()
            if within := parting(ending):
                await self._part(reading, writing, within)
            return ending
        finally:
            reading.cancel()
            writing.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _part(
        self, reading: asyncio.Task[Ending], writing: asyncio.Task[None], within: float
    ) -> None:
        """Write the rest, say that it was the last, wait until the peer has read it."""
        self._writer.finish()
        with suppress(TimeoutError, StreamClosed):
            async with asyncio.timeout(within):
                await writing
                await self._stream.end()
                await reading

    async def _read(self) -> Ending:
        """The peer says nothing but that it leaves; then it ends the stream."""
        try:
            while (frame := await self._stream.read()) is not None:
                if is_disconnect(frame) and not self._wish.done():
                    self._wish.set_result(Ending(TerminationReason.DISCONNECTED))
        except StreamRefused as error:
            if error.refusal is Refusal.BLOCKED:
                return Ending(TerminationReason.BLOCKED_BY_PEER, str(error))
            return Ending(TerminationReason.LOST, str(error))
        except StreamClosed as error:
            return Ending(TerminationReason.LOST, str(error))
        return Ending(TerminationReason.LOST, "the peer ended the stream")


def _write_failed(writing: asyncio.Task[None]) -> Ending:
    error = writing.exception()
    if not isinstance(error, StreamClosed):
        logger.error("a writer failed", exc_info=error)
    return Ending(TerminationReason.LOST, str(error))
