"""Actors that the cluster itself is made of."""

from __future__ import annotations

from collections.abc import Callable

from protoactor import Actor, Directive, OneForOne, Props

__all__ = ["infrastructure"]


def infrastructure(producer: Callable[[], Actor]) -> Props:
    """Props of an actor that a message which it cannot handle must not cost its state."""
    return Props(producer, guardian=OneForOne(decide=lambda _: Directive.RESUME))
