"""Where a virtual actor lives."""

from __future__ import annotations

from typing import NamedTuple

from protoactor import PID
from protoactor_cluster.hash_ring import ring_position
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["Activation", "precedence"]

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~+"
UNNUMBERED = 1 << 64


class Activation(NamedTuple):
    """An identity, its PID, the member that hosts it, and its place on the ring."""

    identity: ClusterIdentity
    pid: PID
    member_id: str
    position: int
    """`ring_position` of the name: computed once, needed at every topology."""

    @classmethod
    def of(cls, identity: ClusterIdentity, pid: PID, member_id: str) -> Activation:
        """The activation with its position computed."""
        return cls(identity, pid, member_id, ring_position(identity.name))


def precedence(activation: Activation) -> tuple[int, str, str]:
    """Of two activations of one identity the one with the smaller value is kept.

    The number is that of the actor's generated id, `<kind>/<name>$<number>~<run>`.
    Members that decide independently decide alike.
    """
    address, actor_id, _ = activation.pid
    return (_number(actor_id), address, actor_id)


def _number(actor_id: str) -> int:
    # the alphabet holds ~ too, the random run after the last one does not
    digits = actor_id.rpartition("~")[0].rpartition("$")[2]
    number = 0
    for digit in digits:
        value = DIGITS.find(digit)
        if value < 0:
            return UNNUMBERED
        number = number * 64 + value
    return number if digits else UNNUMBERED
