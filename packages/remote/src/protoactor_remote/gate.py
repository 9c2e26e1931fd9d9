"""Holds back what a node says, while it is in doubt whether it may say anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

__all__ = ["Gate"]


class Gate:
    """Asked before every frame of messages that a node writes.

    `ask` returns `None` if the frame may leave now, else what to wait for first.
    """

    ask: Callable[[], Awaitable[None] | None]

    def __init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Let everything through."""
        self.ask = lambda: None
