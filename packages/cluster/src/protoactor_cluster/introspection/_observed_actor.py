"""Notes what an activation was sent last, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from protoactor import Actor, Context
from protoactor_cluster._method_messages import MethodCall
from protoactor_cluster.wire import grain_pb2, method_pb2

__all__ = ["ObservedActor"]


class ObservedActor(Actor):
    """Passes every message on to `inner`."""

    def __init__(self, inner: Actor, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._loop = loop
        self.supervisor = getattr(inner, "supervisor", None)
        self.last_message = ""
        self.last_at = loop.time()

    def receive(self, context: Context) -> Awaitable[None] | None:
        self.last_at = self._loop.time()
        self.last_message = _label(context.message)
        return self._inner.receive(context)

    async def dispose(self) -> None:
        dispose = getattr(self._inner, "dispose", None)
        result = dispose() if dispose is not None else None
        if result is not None:
            await result


def _label(message: object) -> str:
    match message:
        case MethodCall() | method_pb2.MethodCall():
            return message.method
        case grain_pb2.GrainRequest():
            return f"#{message.method_index} {message.message_type_name}".rstrip()
        case _:
            return type(message).__qualname__
