"""A peer that has opened a stream to this node."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from protoactor_remote._handshake import DISCONNECT, Greeting
from protoactor_remote._inbound import Inbound
from protoactor_remote.transport import (
    Refusal,
    ServerStream,
    StreamClosed,
    StreamRefused,
)

__all__ = ["Caller"]


class Caller:
    """Serves one stream; lives in the task that the transport runs it in."""

    def __init__(
        self, stream: ServerStream, greeting: Greeting, inbound: Inbound
    ) -> None:
        self._stream = stream
        self._inbound = inbound
        self._task = asyncio.current_task()
        self._greeted = asyncio.Event()
        self._refusal: StreamRefused | None = None
        self.system_id = greeting.system_id
        self.address = greeting.address

    async def serve(self, response: bytes) -> None:
        """Answer the greeting, then take frames until the peer ends the stream."""
        try:
            await self._stream.write(response)
            self._greeted.set()
            while (frame := await self._stream.read()) is not None:
                await self._inbound.take(frame)
        except asyncio.CancelledError:
            if self._refusal is None:
                raise
            raise self._refusal from None
        finally:
            self._inbound.close()

    async def ask_to_leave(self) -> None:
        """The peer writes what it has queued, then ends the stream."""
        await self._greeted.wait()
        with suppress(StreamClosed):
            await self._stream.write(DISCONNECT)

    def refuse(self, refusal: Refusal, detail: str) -> None:
        """End the stream from this side."""
        if self._task is not None and self._refusal is None:
            self._refusal = StreamRefused(refusal, detail)
            self._task.cancel()
