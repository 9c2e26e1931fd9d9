"""The address of an actor."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LOCAL_ADDRESS", "PID"]

LOCAL_ADDRESS = "nonhost"
"""Address of a system without remoting, as in protoactor-go."""


class PID(NamedTuple):
    """Where an actor is reached: the address of its system and its id there.

    A plain value: it keeps nothing alive, can be sent in messages and stays
    valid when the actor is restarted.

    >>> PID("127.0.0.1:8090", "echo")
    PID(address='127.0.0.1:8090', id='echo', request_id=0)
    """

    address: str
    """`host:port` of the system, or `nonhost` before remoting has started."""
    id: str
    """Unique within the system, for instance `shop/$3~Xk2p0Q`."""
    request_id: int = 0
    """Which pending request a reply belongs to; 0 for ordinary actors."""

    def __str__(self) -> str:
        text = f"{self.address}/{self.id}"
        return f"{text}:{self.request_id}" if self.request_id else text
