"""Handlers that block: they run in a thread, off the loop."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from protoactor._actor import Actor
from protoactor._pid import PID
from protoactor._props import Spawnable

if TYPE_CHECKING:
    from protoactor._cell import ActorCell
    from protoactor._context import Context

__all__ = ["BlockingContext", "ThreadDispatcher", "blocking"]

ActorT = TypeVar("ActorT", bound=Actor)


class BlockingContext:
    """A context for use in a thread: its calls wait for the loop.

    It is fixed to the message that it was made for.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loop = context.system.loop
        self.self = context.self
        self.message: Any = context.message
        self.sender = context.sender
        self.headers = context.headers

    @property
    def stopping(self) -> bool:
        """Whether a stop has been asked for; long handlers may end early."""
        return self._context.stopping

    def send(
        self,
        target: PID,
        message: object,
        *,
        sender: PID | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """As `Context.send`."""
        self._call(
            lambda: self._context.send(target, message, sender=sender, headers=headers)
        )

    def respond(
        self, message: object, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """As `Context.respond`."""
        self._call(lambda: self._context.respond(message, headers=headers))

    def request(
        self, target: PID, message: object, *, timeout: float | None = None
    ) -> Any:
        """As `Context.request`, but the thread waits for the reply."""
        request = self._context.request(target, message, timeout=timeout)

        async def ask() -> object:
            return await request

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()

    def spawn(self, actor: Spawnable) -> PID:
        """As `Context.spawn`."""
        pid: PID = self._call(lambda: self._context.spawn(actor))
        return pid

    def stop(self, target: PID) -> None:
        """As `Context.stop`, without waiting."""
        self._call(lambda: self._context.stop(target))

    def _call(self, function: Callable[[], Any]) -> Any:
        async def call() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()


def blocking(
    receive: Callable[[ActorT, BlockingContext], None],
) -> Callable[[ActorT, Context], Awaitable[None]]:
    """Make a `receive` that blocks; it runs in a thread of the system.

    The actor still handles one message at a time.

    >>> class Importer(Actor):
    ...     @blocking
    ...     def receive(self, context: BlockingContext) -> None: ...
    """

    @functools.wraps(receive)
    async def receive_in_thread(actor: ActorT, context: Context) -> None:
        view = BlockingContext(context)
        await context.system.run_blocking(lambda: receive(actor, view))

    return receive_in_thread


class ThreadDispatcher:
    """Runs plain `def receive` handlers in threads of the system.

    Give it as `Props(..., dispatcher=ThreadDispatcher())`; the handler is called
    with a `BlockingContext`.
    """

    def schedule(self, cell: ActorCell) -> None:
        cell.system.dispatcher.schedule(cell)

    def receiver(
        self, receive: Callable[[Any], Awaitable[None] | None]
    ) -> Callable[[Any], Awaitable[None] | None]:
        """The same handler, in a thread."""

        async def receive_in_thread(context: Context) -> None:
            view = BlockingContext(context)
            await context.system.run_blocking(lambda: receive(view))

        return receive_in_thread
