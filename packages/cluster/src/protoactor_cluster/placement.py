"""Starts activations on this member, and knows which ones live here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from protoactor import PID, Actor, Context, Started, Stopping, Terminated
from protoactor_cluster import telemetry
from protoactor_cluster._activation import (
    Activated,
    Activation,
    ActivationFault,
    ActivationState,
    Waiter,
    activation_props,
)
from protoactor_cluster._handover_answer import HandoverAnswer
from protoactor_cluster._wire import (
    identity_from_wire,
    identity_to_wire,
    pid_from_wire,
    pid_to_wire,
    refusal,
    success,
)
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.handover import Placement as LiveActivations
from protoactor_cluster.handover import decode_pull
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.topology import TopologyId
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PLACEMENT", "Placement"]

PLACEMENT = "partition-activator"
"""Name of the placement actor, as in protoactor-go."""

logger = logging.getLogger("protoactor.cluster.placement")


class Placement(Actor):
    """Parent of all activations of a member; one activation per identity.

    An identity is absent, starting, active or stopping. Requests that come
    while it starts or stops are answered after that.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._live = LiveActivations(cluster.member_id)
        self._activations: dict[ClusterIdentity, Activation] = {}
        self._by_pid: dict[PID, Activation] = {}

    @property
    def activations(self) -> Iterator[Activation]:
        """What lives here now."""
        return iter(self._activations.values())

    def __len__(self) -> int:
        return len(self._activations)

    def receive(self, context: Context) -> None:
        message: Any = context.message
        match message:
            case cluster_pb2.ActivationRequest():
                self._requested(context, message)
            case cluster_pb2.IdentityHandoverRequest():
                self._pulled(context, message)
            case HandoverAnswer():
                message.send_chunks(context)
            case Activated(pid):
                self._activated(context, pid)
            case ActivationFault(pid, reason):
                self._faulted(pid, reason)
            case Terminated(who):
                self._terminated(context, who)
            case Started():
                pass
            case Stopping():
                self._leave(context)
            case _:
                pass

    def _requested(
        self, context: Context, request: cluster_pb2.ActivationRequest
    ) -> None:
        if context.sender is None:
            return
        asked_under = TopologyId(request.topology_version, request.topology_hash)
        waiter = Waiter(context.sender, context.headers, asked_under)
        try:
            identity = identity_from_wire(request.cluster_identity)
        except InvalidIdentity as error:
            self._refuse(context, waiter, cluster_pb2.START_FAILED, str(error))
            return
        if why := self._objection(identity):
            self._refuse(context, waiter, *why)
            return
        if self._live.refuses(asked_under):
            self._refuse_stale(context, waiter)
            return
        activation = self._activations.get(identity)
        if activation is None:
            self._start(context, identity, [waiter])
        elif activation.state is ActivationState.ACTIVE:
            self._answer_active(context, activation, waiter, request)
        else:
            activation.waiters.append(waiter)

    def _objection(
        self, identity: ClusterIdentity
    ) -> tuple[cluster_pb2.ActivationRefusal, str] | None:
        if self._cluster.leaving:
            return cluster_pb2.LEAVING, "this member is leaving"
        if identity.kind not in self._cluster.kinds:
            return (
                cluster_pb2.UNKNOWN_KIND,
                f"kind {identity.kind!r} is not hosted here",
            )
        return None

    def _answer_active(
        self,
        context: Context,
        activation: Activation,
        waiter: Waiter,
        request: cluster_pb2.ActivationRequest,
    ) -> None:
        dead = pid_from_wire(request.dead)
        if dead == activation.pid and not self._resolves(activation.pid):
            activation.state = ActivationState.STOPPING  # its end is on the way here
            activation.waiters.append(waiter)
            return
        context.send(waiter.sender, success(activation.pid, self._cluster.topology.id))

    def _resolves(self, pid: PID) -> bool:
        return self._cluster.system.registry.local(pid.id) is not None

    def _start(
        self, context: Context, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> None:
        kind = self._cluster.kinds[identity.kind]
        span = self._cluster.spans.start(
            telemetry.ACTIVATION_START,
            headers=waiters[0].headers,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.MEMBER: self._cluster.member_id,
            },
        )
        try:
            props = activation_props(self._cluster, kind, identity)
            pid = context.spawn_prefix(props, str(identity))
        except Exception as error:
            logger.warning("%s could not be created", identity, exc_info=error)
            reason = f"creating it raised {type(error).__qualname__}: {error}"
            telemetry.end(span, ActivationFailed(str(identity), reason))
            for waiter in waiters:
                self._refuse(context, waiter, cluster_pb2.START_FAILED, reason)
            return
        activation = Activation(identity, pid, waiters=waiters, span=span)
        self._activations[identity] = self._by_pid[pid] = activation

    def _activated(self, context: Context, pid: PID) -> None:
        activation = self._by_pid.get(pid)
        if activation is None or activation.state is not ActivationState.STARTING:
            return
        newest = max(waiter.asked_under for waiter in activation.waiters)
        if self._live.register(activation.identity, pid, newest) != pid:
            self._abandon(context, activation)
            return
        activation.state = ActivationState.ACTIVE
        telemetry.end(activation.span, attributes={telemetry.PID: str(pid)})
        activation.span = None
        answer = success(pid, self._cluster.topology.id)
        waiters, activation.waiters = activation.waiters, []
        for waiter in waiters:
            context.send(waiter.sender, answer)

    def _abandon(self, context: Context, activation: Activation) -> None:
        """It took so long to start that a newer topology knows nothing of it."""
        waiters, activation.waiters = activation.waiters, []
        for waiter in waiters:
            self._refuse_stale(context, waiter)
        activation.state = ActivationState.STOPPING
        context.stop(activation.pid)

    def _faulted(self, pid: PID, reason: str) -> None:
        activation = self._by_pid.get(pid)
        if activation is not None:
            activation.fault = reason

    def _terminated(self, context: Context, who: PID) -> None:
        activation = self._by_pid.pop(who, None)
        if activation is None:
            return
        del self._activations[activation.identity]
        self._live.remove(activation.identity, who)
        self._cluster.pid_cache.remove_by_pid(who)
        waiters = activation.waiters
        if activation.state is ActivationState.STARTING:
            self._fail(context, activation)
        elif waiters and self._objection(activation.identity) is None:
            self._start(context, activation.identity, waiters)
            return
        elif waiters:
            for waiter in waiters:
                self._refuse(
                    context, waiter, cluster_pb2.LEAVING, "this member is leaving"
                )
        self._announce_end(context, activation)

    def _fail(self, context: Context, activation: Activation) -> None:
        reason = activation.fault or "it stopped while it started"
        error = ActivationFailed(str(activation.identity), reason)
        telemetry.end(activation.span, error)
        for waiter in activation.waiters:
            self._refuse(context, waiter, cluster_pb2.START_FAILED, reason)

    def _announce_end(self, context: Context, activation: Activation) -> None:
        """Tell the owner of the identity, whose table still names this activation."""
        owner = self._cluster.lookup.owner_actor(activation.identity)
        if owner is not None:
            message = cluster_pb2.ActivationTerminated(
                pid=pid_to_wire(activation.pid),
                cluster_identity=identity_to_wire(activation.identity),
            )
            context.send(owner, message)

    def _pulled(
        self, context: Context, request: cluster_pb2.IdentityHandoverRequest
    ) -> None:
        """Tell a member which activations here it owns now."""
        if context.sender is None:
            return
        try:
            pull = decode_pull(request)
        except ValueError as error:
            logger.warning("a pull was ignored: %s", error)
            return
        if pull.requester_id not in self._cluster.topology:
            return  # it asks again; answering would bind us to its topology
        answer = HandoverAnswer(
            self._cluster,
            context.sender,
            context.headers,
            pull,
            self._live.answer(pull),
        )
        answer.send_chunks(context)

    def _refuse_stale(self, context: Context, waiter: Waiter) -> None:
        why, text = cluster_pb2.STALE_TOPOLOGY, "asked under an older topology"
        context.send(waiter.sender, refusal(why, self._live.newest, text))

    def _refuse(
        self,
        context: Context,
        waiter: Waiter,
        why: cluster_pb2.ActivationRefusal,
        reason: str,
    ) -> None:
        context.send(waiter.sender, refusal(why, self._cluster.topology.id, reason))

    def _leave(self, context: Context) -> None:
        for activation in self._activations.values():
            if activation.state is ActivationState.STARTING:
                self._fail(context, activation)
                activation.waiters = []
            activation.state = ActivationState.STOPPING
