"""The activations of one member: their start, their life, their end."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from protoactor import PID, Context
from protoactor_cluster._activation import (
    Activation,
    ActivationState,
    Waiter,
    activation_props,
    asked_under,
)
from protoactor_cluster._endings import Endings
from protoactor_cluster._lifespan import Ending, Lifespan
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._spans import to_headers
from protoactor_cluster._wire import identity_to_wire, pid_to_wire, success
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.handover import Placement as LiveActivations
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Activations"]

logger = logging.getLogger("protoactor.cluster.placement")


class Activations:
    """One per identity; absent, starting, active or stopping.

    `live` is what pulls are answered with: those that are active.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._by_identity: dict[ClusterIdentity, Activation] = {}
        self._by_pid: dict[PID, Activation] = {}
        self._endings = Endings()
        self._kinds: Counter[str] = Counter()
        self.live = LiveActivations(cluster.member_id)

    def __len__(self) -> int:
        return len(self._by_identity)

    def __iter__(self) -> Iterator[Activation]:
        return iter(tuple(self._by_identity.values()))

    def get(self, identity: ClusterIdentity) -> Activation | None:
        return self._by_identity.get(identity)

    def count_by_kind(self) -> Counter[str]:
        return self._kinds.copy()

    def refuse(
        self, context: Context, waiters: Sequence[Waiter], refusal: Refusal
    ) -> None:
        """Tell those who wait that it will not live here."""
        answer = refusal.to_wire(self._cluster.topology.id)
        for waiter in waiters:
            context.send(waiter.sender, answer)

    def start(
        self, context: Context, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> None:
        """Spawn the actor; those who wait are answered once it has started."""
        cluster, headers = self._cluster, waiters[0].headers
        lifespan = Lifespan(cluster, identity, headers, self._endings.get(identity))
        try:
            props = activation_props(cluster, cluster.kinds[identity.kind], lifespan)
            pid = context.spawn_prefix(props, str(identity))
        except Exception as error:
            with lifespan.starting():
                logger.warning("%s could not be created", identity, exc_info=error)
            reason = f"creating it raised {type(error).__qualname__}: {error}"
            lifespan.conclude_start(error=ActivationFailed(str(identity), reason))
            refusal = Refusal(cluster_pb2.START_FAILED, reason)
            self.refuse(context, waiters, refusal)
            return
        activation = Activation(identity, pid, lifespan, waiters=waiters)
        if cluster.observer is not None:
            activation.origin = cluster.observer.origin(waiters[0])
        self._by_identity[identity] = self._by_pid[pid] = activation
        self._kinds[identity.kind] += 1

    def started(self, context: Context, pid: PID) -> None:
        """The actor takes messages, unless it has become unwanted meanwhile."""
        activation = self._by_pid.get(pid)
        if activation is None or activation.state is not ActivationState.STARTING:
            return
        if self._cluster.leaving:
            self._abandon(context, activation, Refusal.leaving())
            return
        newest = asked_under(activation.waiters)
        if self.live.register(activation.identity, pid, newest) != pid:
            self._abandon(context, activation, Refusal.stale(self.live.newest))
            return
        activation.state = ActivationState.ACTIVE
        activation.lifespan.conclude_start(str(pid))
        self._endings.forget(activation.identity)
        answer = success(pid, self._cluster.topology.id)
        for waiter in activation.take_waiters():
            context.send(waiter.sender, answer)
        if not self._cluster.lookup.may_host(activation.identity):
            self.retire(context, activation, Ending.MOVED)

    def faulted(self, pid: PID, reason: str) -> None:
        """The actor could not start, and stops."""
        activation = self._by_pid.get(pid)
        if activation is not None:
            activation.fault = reason
            activation.lifespan.ending = Ending.NOT_STARTED

    def retire(self, context: Context, activation: Activation, why: Ending) -> None:
        """Let it handle what has arrived, then stop."""
        if activation.state is ActivationState.ACTIVE:
            activation.state = ActivationState.STOPPING
            activation.lifespan.ending = why
            context.poison(activation.pid)

    def stop_all(self) -> None:
        """Let none handle another message."""
        for activation in self:
            activation.state = ActivationState.STOPPING
            activation.lifespan.ending = Ending.EVICTED
            self._cluster.system.stop(activation.pid)

    def ended(self, context: Context, pid: PID) -> Activation | None:
        """The actor is gone; whoever still waits for it is with the activation."""
        activation = self._by_pid.pop(pid, None)
        if activation is None:
            return None
        del self._by_identity[activation.identity]
        self._kinds[activation.identity.kind] -= 1
        self.live.remove(activation.identity, pid)
        self._cluster.pid_cache.remove_by_pid(pid)
        ended = (activation.identity.kind, activation.lifespan.ending.value)
        self._cluster.statistics.endings[ended] += 1
        self._endings.note(activation.identity, activation.lifespan.ended)
        self._announce_end(context, activation)
        if activation.state is ActivationState.STARTING:
            reason = activation.fault or "it stopped while it started"
            refusal = Refusal(cluster_pb2.START_FAILED, reason)
            self.refuse(context, activation.take_waiters(), refusal)
            error = ActivationFailed(str(activation.identity), reason)
            activation.lifespan.conclude_start(error=error)
        return activation

    def _abandon(
        self, context: Context, activation: Activation, refusal: Refusal
    ) -> None:
        self.refuse(context, activation.take_waiters(), refusal)
        activation.state = ActivationState.STOPPING
        activation.lifespan.ending = Ending.NOT_STARTED
        error = ActivationFailed(str(activation.identity), refusal.reason)
        activation.lifespan.conclude_start(error=error)
        context.stop(activation.pid)

    def _announce_end(self, context: Context, activation: Activation) -> None:
        """Tell the owner of the identity, whose table still names this activation."""
        owner = self._cluster.lookup.owner_actor(activation.identity)
        if owner is not None:
            ended = activation.lifespan.ended
            message = cluster_pb2.ActivationTerminated(
                pid=pid_to_wire(activation.pid),
                cluster_identity=identity_to_wire(activation.identity),
                ending=ended.reason,
            )
            context.send(owner, message, headers=to_headers(ended.trace))
