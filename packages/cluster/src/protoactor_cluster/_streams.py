"""Results that an activation hands out piece by piece, as fast as they are taken."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from protoactor import PID
from protoactor_cluster._method import Method
from protoactor_cluster._reply import failure_reply
from protoactor_cluster._wire import pid_to_wire
from protoactor_cluster.call import Call, current_call
from protoactor_cluster.wire import grain_pb2, method_pb2

__all__ = ["OutgoingStreams"]

CHUNK = 64
"""Most values per answer; fewer where the next one is not there yet."""
LONGEST_WAIT = 2.0
"""Seconds after which the caller is told that there is nothing yet."""


@dataclass(slots=True)
class OutgoingStream:
    id: str
    method: Method
    items: AsyncIterator[object]
    call: Call
    pending: asyncio.Task[object] | None = None

    async def next(self) -> object:
        token = current_call.set(self.call)
        try:
            return await anext(self.items)
        finally:
            current_call.reset(token)


class OutgoingStreams:
    """The open streams of one activation.

    Nothing is produced ahead of the caller, but for the one value that the
    method works on when an answer leaves.
    """

    def __init__(self) -> None:
        self._open: dict[str, OutgoingStream] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, method: Method, items: AsyncIterator[object], call: Call) -> str:
        stream = OutgoingStream(secrets.token_urlsafe(12), method, items, call)
        self._open[stream.id] = stream
        return stream.id

    async def take(
        self, stream_id: str, me: PID, wait: float
    ) -> method_pb2.StreamChunk:
        """What comes next, at most `wait` seconds from now; maybe nothing yet."""
        chunk = method_pb2.StreamChunk(pid=pid_to_wire(me), stream_id=stream_id)
        stream = self._open.get(stream_id)
        if stream is None:
            text = "the stream is not open here: it ended, or the grain was passivated"
            error = grain_pb2.GrainErrorResponse(reason="NOT_FOUND", message=text)
            chunk.error.CopyFrom(error)
            return chunk
        try:
            await self._fill(stream, chunk, min(wait, LONGEST_WAIT))
        except StopAsyncIteration:
            chunk.done = True
            del self._open[stream_id]
        except Exception as error:
            chunk.error.CopyFrom(failure_reply(error))
            del self._open[stream_id]
        return chunk

    async def cancel(self, stream_id: str) -> None:
        """End a stream; its method sees `GeneratorExit` where it yields."""
        stream = self._open.pop(stream_id, None)
        if stream is None:
            return
        if stream.pending is not None:
            stream.pending.cancel()
            await asyncio.gather(stream.pending, return_exceptions=True)
        close = getattr(stream.items, "aclose", None)
        if close is not None:
            await close()

    async def close(self) -> None:
        for stream_id in list(self._open):
            await self.cancel(stream_id)

    async def _fill(
        self, stream: OutgoingStream, chunk: method_pb2.StreamChunk, wait: float
    ) -> None:
        while len(chunk.values) < CHUNK:
            task = stream.pending
            if task is None:
                task = stream.pending = asyncio.create_task(stream.next())
            await asyncio.wait({task}, timeout=0 if chunk.values else wait)
            if not task.done():
                return
            stream.pending = None
            try:
                value = task.result()
            except StopAsyncIteration:
                raise
            except Exception:
                if not chunk.values:
                    raise
                stream.pending = task  # first what came before it
                return
            chunk.values.append(stream.method.encode_item(value))
