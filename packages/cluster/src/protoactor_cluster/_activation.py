"""One activation: where it stands, and who waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from opentelemetry.trace import Span

from protoactor import (
    PID,
    Actor,
    Context,
    Props,
    ReceiveTimeout,
    Started,
)
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import TopologyId

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster
    from protoactor_cluster.kind import Kind

__all__ = [
    "Activated",
    "Activation",
    "ActivationFault",
    "ActivationState",
    "activation_props",
]


class ActivationState(Enum):
    """The life of an activation; before and after it, the identity is absent."""

    STARTING = "starting"
    ACTIVE = "active"
    STOPPING = "stopping"


@dataclass(slots=True)
class Waiter:
    """Whom to tell the PID of an activation, and what the request carried."""

    sender: PID
    headers: Mapping[str, str]
    asked_under: TopologyId


@dataclass(slots=True)
class Activation:
    """What placement knows about an identity that lives here."""

    identity: ClusterIdentity
    pid: PID
    state: ActivationState = ActivationState.STARTING
    waiters: list[Waiter] = field(default_factory=list[Waiter])
    span: Span | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Activated:
    """The actor has started and takes messages."""

    pid: PID


@dataclass(frozen=True, slots=True)
class ActivationFault:
    """The actor could not start and stops."""

    pid: PID
    reason: str


class PassivatingActor(Actor):
    """A plain actor as a virtual one: reports its start, stops when idle."""

    def __init__(self, inner: Actor, idle_timeout: float) -> None:
        self._inner = inner
        self._idle_timeout = idle_timeout
        self.supervisor = getattr(inner, "supervisor", None)

    async def receive(self, context: Context) -> None:
        if type(context.message) is ReceiveTimeout:
            context.poison(context.self)
            return
        result = self._inner.receive(context)
        if result is not None:
            await result
        if type(context.message) is Started:
            context.set_receive_timeout(self._idle_timeout)
            if context.parent is not None:
                context.send(context.parent, Activated(context.self))


def activation_props(cluster: Cluster, kind: Kind, identity: ClusterIdentity) -> Props:
    """Props of an actor that knows which identity it is."""
    from protoactor_cluster._grain_actor import GrainActor

    if kind.props is None:
        return Props(lambda: GrainActor(cluster, kind, identity))
    plain = kind.props

    def produce(context: Context) -> Actor:
        context.store[ClusterIdentity] = identity
        inner = plain.producer(context) if plain.takes_context else plain.producer()
        return PassivatingActor(inner, kind.idle_timeout)

    return replace(plain, producer=produce, takes_context=True)
