"""An actor that changes how it handles messages."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from protoactor._actor import ReceiveFunction

if TYPE_CHECKING:
    from protoactor._context import Context

__all__ = ["Behavior"]


class Behavior:
    """A stack of receive functions; messages go to the top one.

    >>> class Door(Actor):
    ...     def __init__(self) -> None:
    ...         self.behavior = Behavior(self.closed)
    ...     def receive(self, context: Context) -> Awaitable[None] | None:
    ...         return self.behavior.receive(context)
    """

    def __init__(self, receive: ReceiveFunction) -> None:
        self._stack = [receive]

    def become(self, receive: ReceiveFunction) -> None:
        """Replace the whole stack."""
        self._stack = [receive]

    def become_stacked(self, receive: ReceiveFunction) -> None:
        """Put `receive` on top; `unbecome` returns to what was below."""
        self._stack.append(receive)

    def unbecome(self) -> None:
        """Drop the top; raises `IndexError` rather than leave no behaviour."""
        if len(self._stack) == 1:
            raise IndexError("unbecome() would leave the actor without a behaviour")
        self._stack.pop()

    def receive(self, context: Context) -> Awaitable[None] | None:
        return self._stack[-1](context)
