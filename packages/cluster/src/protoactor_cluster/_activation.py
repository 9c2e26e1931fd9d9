"""One activation: where it stands, who waits for it, and the actor itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from protoactor import (
    PID,
    Actor,
    Context,
    Props,
    ReceiveTimeout,
    Started,
)
from protoactor_cluster._gated import GatedActor
from protoactor_cluster._lifespan import Ending, Lifespan
from protoactor_cluster._origin import Origin
from protoactor_cluster._plain_calls import PlainCalls
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
    "Waiter",
    "activation_props",
    "asked_under",
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
    requester_id: str = ""
    only_if_active: bool = False
    """Wants nothing to be started."""


def asked_under(waiters: Iterable[Waiter]) -> TopologyId:
    """The newest topology under which somebody wants it to be started."""
    return max(it.asked_under for it in waiters if not it.only_if_active)


@dataclass(slots=True)
class Activation:
    """What placement knows about an identity that lives here."""

    identity: ClusterIdentity
    pid: PID
    lifespan: Lifespan
    state: ActivationState = ActivationState.STARTING
    waiters: list[Waiter] = field(default_factory=list[Waiter])
    fault: str = ""
    origin: Origin | None = None
    """Known where introspection is on."""

    def take_waiters(self) -> list[Waiter]:
        """Those who wait; whoever takes them answers them."""
        waiters, self.waiters = self.waiters, []
        return waiters


@dataclass(frozen=True, slots=True)
class Activated:
    """The actor has started and takes messages."""

    pid: PID


@dataclass(frozen=True, slots=True)
class ActivationFault:
    """The actor could not start: its end would overtake this, so placement stops it."""

    pid: PID
    reason: str


class PassivatingActor(Actor):
    """A plain actor as a virtual one: reports its start, stops when idle."""

    def __init__(
        self,
        inner: Actor,
        receive: Callable[[Context], Awaitable[None] | None],
        idle_timeout: float,
        lifespan: Lifespan,
    ) -> None:
        self._inner = inner
        self._lifespan = lifespan
        self._receive = receive
        self._idle_timeout = idle_timeout
        self.supervisor = getattr(inner, "supervisor", None)

    def receive(self, context: Context) -> Awaitable[None] | None:
        match context.message:
            case ReceiveTimeout():
                self._lifespan.ending = Ending.PASSIVATED
                context.poison(context.self)
                return None
            case Started():
                return self._start(context)
            case _:
                return self._receive(context)

    async def dispose(self) -> None:
        dispose = getattr(self._inner, "dispose", None)
        result = dispose() if dispose is not None else None
        if result is not None:
            await result

    async def _start(self, context: Context) -> None:
        parent = context.parent
        assert parent is not None
        try:
            result = self._receive(context)
            if result is not None:
                await result
        except Exception as error:
            reason = f"on Started it raised {type(error).__qualname__}: {error}"
            context.send(parent, ActivationFault(context.self, reason))
            return
        context.set_receive_timeout(self._idle_timeout)
        context.send(parent, Activated(context.self))


def activation_props(cluster: Cluster, kind: Kind, lifespan: Lifespan) -> Props:
    """Props of an actor that knows which identity it is."""
    from protoactor_cluster._grain_actor import GrainActor

    plain = kind.props
    if plain is None:
        return Props(
            lambda: _gated(cluster, GrainActor(cluster, kind, lifespan), lifespan)
        )
    dispatcher = plain.dispatcher

    def produce(context: Context) -> Actor:
        context.store[ClusterIdentity] = lifespan.identity
        inner = plain.producer(context) if plain.takes_context else plain.producer()
        receive = dispatcher.receiver(inner.receive) if dispatcher else inner.receive
        calls = PlainCalls(cluster, lifespan.identity, receive)
        passivating = PassivatingActor(
            inner, calls.receive, kind.idle_timeout, lifespan
        )
        return _gated(cluster, passivating, lifespan)

    return replace(plain, producer=produce, takes_context=True, dispatcher=None)


def _gated(cluster: Cluster, inner: Actor, lifespan: Lifespan) -> Actor:
    gated = GatedActor(inner, cluster.quarantine, lifespan)
    observer = cluster.observer
    return gated if observer is None else observer.watch(gated)
