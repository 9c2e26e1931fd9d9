"""What an identity's owner does with a request for its activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.handover.handover import Handover
from protoactor_cluster.handover.owner_table import OwnerTable
from protoactor_cluster.handover.spawns import Spawns
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member

__all__ = [
    "Answer",
    "Attach",
    "Decision",
    "Forward",
    "Refuse",
    "Spawn",
    "Wait",
    "decide",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """It lives there: answer with its PID."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class Forward:
    """Another member owns it: pass the request on, marked as forwarded."""

    owner: Member


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer `failed`: views differ and the one hop is used up, or nobody owns it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A hand-over is under way: decide again after `Release` or acceptance."""


@dataclass(frozen=True, slots=True)
class Attach:
    """It is being started: answer with the outcome of that."""


@dataclass(frozen=True, slots=True)
class Spawn:
    """Ask a host to start it: this one, or any that the strategy picks if `None`."""

    member_id: str | None


Decision: TypeAlias = Answer | Forward | Refuse | Wait | Attach | Spawn


def decide(
    identity: ClusterIdentity,
    handover: Handover,
    table: OwnerTable,
    spawns: Spawns,
    *,
    forwarded: bool = False,
) -> Decision:
    """What to do now; it never forwards what was forwarded, so no request goes round."""
    if known := table.get(identity):
        return Answer(known)
    owner = handover.ring.owner(identity.name)
    if owner is None:
        return Refuse("there is no member")
    if owner.id != handover.me:
        return (
            Refuse("not the owner, and forwarded before")
            if forwarded
            else Forward(owner)
        )
    if handover.waiting:
        return Wait()
    if spawns.is_in_flight(identity):
        return Attach()
    return Spawn(spawns.must_ask(identity))
