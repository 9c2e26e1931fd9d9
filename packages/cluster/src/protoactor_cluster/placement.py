"""Starts activations on this member, and knows which ones live here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from protoactor import PID, Actor, Context, Stopping, Terminated
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
from protoactor_cluster._misplaced import HeldTooLong, Misplaced
from protoactor_cluster._predicate import ask_predicate
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._wire import (
    identity_from_wire,
    identity_to_wire,
    pid_from_wire,
    pid_to_wire,
    success,
)
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.handover import Placement as LiveActivations
from protoactor_cluster.handover import decode_pull
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.topology import TopologyChange, TopologyId
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PLACEMENT", "Drain", "Drained", "Placement"]

PLACEMENT = "partition-activator"
"""Name of the placement actor, as in protoactor-go."""

ACTIVE, STARTING, STOPPING = (
    ActivationState.ACTIVE,
    ActivationState.STARTING,
    ActivationState.STOPPING,
)
logger = logging.getLogger("protoactor.cluster.placement")


class Drain:
    """End all activations, after what has arrived; answered when none is left."""


class Drained:
    """Nothing lives here any more."""


class Placement(Actor):
    """Parent of all activations of a member; one activation per identity.

    An identity is absent, starting, active or stopping. Requests that come
    while it starts or stops are answered after that.
    """

    pid: PID

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._live = LiveActivations(cluster.member_id)
        self._activations: dict[ClusterIdentity, Activation] = {}
        self._by_pid: dict[PID, Activation] = {}
        self._asking: dict[ClusterIdentity, list[Waiter]] = {}
        self._misplaced = Misplaced()
        self._waits_for_drain: PID | None = None

    @property
    def activations(self) -> Iterator[Activation]:
        """What lives here now."""
        return iter(self._activations.values())

    def get(self, identity: ClusterIdentity) -> PID | None:
        """The PID, if the identity is active here."""
        activation = self._activations.get(identity)
        active = activation is not None and activation.state is ACTIVE
        return activation.pid if activation and active else None

    def stop_all(self) -> None:
        """Let no activation handle another message."""
        for activation in self._activations.values():
            activation.state = STOPPING
            self._cluster.system.stop(activation.pid)

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
            case TopologyChange():
                self._relocate(context)
            case HeldTooLong():
                self._give_up(context, message)
            case Drain():
                self._drain(context)
            case Stopping():
                self._stop(context)
            case _:
                pass

    # -- requests --------------------------------------------------------------

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
            reason = Refusal(cluster_pb2.START_FAILED, str(error))
            self._refuse(context, [waiter], reason)
            return
        activation = self._activations.get(identity)
        if activation is None:
            self._admit(context, identity, [waiter])
        elif activation.state is ACTIVE:
            self._answer_active(context, activation, waiter, request)
        else:
            activation.waiters.append(waiter)

    def _answer_active(
        self,
        context: Context,
        activation: Activation,
        waiter: Waiter,
        request: cluster_pb2.ActivationRequest,
    ) -> None:
        dead = pid_from_wire(request.dead)
        if dead is not None and dead[:2] == activation.pid[:2]:
            if self._cluster.system.registry.local(dead.id) is None:
                activation.state = STOPPING  # the news of its end is on the way here
                activation.waiters.append(waiter)
                return
        context.send(waiter.sender, success(activation.pid, self._cluster.topology.id))

    def _admit(
        self, context: Context, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> None:
        """Start what is absent, unless something speaks against it."""
        if (objection := self._objection(identity, waiters)) is not None:
            self._refuse(context, waiters, objection)
        elif not self._cluster.lookup.may_host(identity):
            self._misplaced.hold(context, identity, waiters)
        elif (asking := self._asking.get(identity)) is not None:
            asking.extend(waiters)
        elif self._cluster.kinds[identity.kind].can_activate is None:
            self._start(context, identity, waiters)
        else:
            self._ask(context, identity, waiters)

    def _objection(
        self, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> Refusal | None:
        if self._cluster.leaving:
            return Refusal(cluster_pb2.LEAVING, "this member is leaving")
        if identity.kind not in self._cluster.kinds:
            text = f"kind {identity.kind!r} is not hosted here"
            return Refusal(cluster_pb2.UNKNOWN_KIND, text)
        if self._live.refuses(max(waiter.asked_under for waiter in waiters)):
            return Refusal.stale(self._live.newest)
        return None

    def _ask(
        self, context: Context, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> None:
        """Let the kind's predicate decide, once for all who ask meanwhile."""
        self._asking[identity] = waiters

        def answered(done: asyncio.Future[Refusal | None]) -> None:
            waiters = self._asking.pop(identity)
            refusal = done.result() or self._objection(identity, waiters)
            if refusal is None:
                self._start(context, identity, waiters)
            else:
                self._refuse(context, waiters, refusal)
                self._look_if_drained(context)

        kind = self._cluster.kinds[identity.kind]
        timeout = self._cluster.activation_timeout
        context.reenter_after(ask_predicate(kind, identity, timeout), answered)

    # -- the life of an activation ----------------------------------------------

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
            refusal = Refusal(cluster_pb2.START_FAILED, reason)
            self._refuse(context, waiters, refusal)
            return
        activation = Activation(identity, pid, waiters=waiters, span=span)
        self._activations[identity] = self._by_pid[pid] = activation

    def _activated(self, context: Context, pid: PID) -> None:
        activation = self._by_pid.get(pid)
        if activation is None or activation.state is not STARTING:
            return
        if self._cluster.leaving:
            leaving = Refusal(cluster_pb2.LEAVING, "this member is leaving")
            self._abandon(context, activation, leaving)
            return
        newest = max(waiter.asked_under for waiter in activation.waiters)
        if self._live.register(activation.identity, pid, newest) != pid:
            self._abandon(context, activation, Refusal.stale(self._live.newest))
            return
        activation.state = ACTIVE
        telemetry.end(activation.span, attributes={telemetry.PID: str(pid)})
        activation.span = None
        answer = success(pid, self._cluster.topology.id)
        for waiter in activation.take_waiters():
            context.send(waiter.sender, answer)
        if not self._cluster.lookup.may_host(activation.identity):
            self._retire(context, activation)

    def _abandon(
        self, context: Context, activation: Activation, refusal: Refusal
    ) -> None:
        """While it started it became unwanted."""
        self._refuse(context, activation.take_waiters(), refusal)
        activation.state = STOPPING
        problem = ActivationFailed(str(activation.identity), refusal.reason)
        telemetry.end(activation.span, problem)
        activation.span = None
        context.stop(activation.pid)

    def _retire(self, context: Context, activation: Activation) -> None:
        """Let it handle what has arrived, then stop."""
        if activation.state is ACTIVE:
            activation.state = STOPPING
            context.poison(activation.pid)

    def _faulted(self, pid: PID, reason: str) -> None:
        activation = self._by_pid.get(pid)
        if activation is not None:
            activation.fault = reason

    def _terminated(self, context: Context, who: PID) -> None:
        activation = self._by_pid.pop(who, None)
        if activation is None:
            return
        identity = activation.identity
        del self._activations[identity]
        self._live.remove(identity, who)
        self._cluster.pid_cache.remove_by_pid(who)
        self._announce_end(context, activation)
        waiters = activation.take_waiters()
        if activation.state is STARTING:
            self._fail(context, activation, waiters)
        elif waiters:
            self._admit(context, identity, waiters)
        self._look_if_drained(context)

    def _fail(
        self, context: Context, activation: Activation, waiters: list[Waiter]
    ) -> None:
        reason = activation.fault or "it stopped while it started"
        error = ActivationFailed(str(activation.identity), reason)
        telemetry.end(activation.span, error)
        self._refuse(context, waiters, Refusal(cluster_pb2.START_FAILED, reason))

    def _announce_end(self, context: Context, activation: Activation) -> None:
        """Tell the owner of the identity, whose table still names this activation."""
        owner = self._cluster.lookup.owner_actor(activation.identity)
        if owner is not None:
            message = cluster_pb2.ActivationTerminated(
                pid=pid_to_wire(activation.pid),
                cluster_identity=identity_to_wire(activation.identity),
            )
            context.send(owner, message)

    # -- when the topology changes, and at the end -----------------------------------

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

    def _relocate(self, context: Context) -> None:
        """Where owners host themselves: part with what others own now."""
        may_host = self._cluster.lookup.may_host
        for activation in list(self._activations.values()):
            if not may_host(activation.identity):
                self._retire(context, activation)
        for identity, waiters in self._misplaced.take_all():
            self._admit(context, identity, waiters)

    def _give_up(self, context: Context, held: HeldTooLong) -> None:
        if self._misplaced.take(held):
            text = "this member does not own it"
            self._refuse(
                context, held.waiters, Refusal(cluster_pb2.NOT_OWNER, text)
            )

    def _drain(self, context: Context) -> None:
        self._waits_for_drain = context.sender
        for activation in list(self._activations.values()):
            self._retire(context, activation)
        self._look_if_drained(context)

    def _look_if_drained(self, context: Context) -> None:
        if self._waits_for_drain and not self._activations and not self._asking:
            context.send(self._waits_for_drain, Drained())
            self._waits_for_drain = None

    def _stop(self, context: Context) -> None:
        refusal = Refusal(cluster_pb2.LEAVING, "this member is leaving")
        for activation in self._activations.values():
            self._refuse(context, activation.take_waiters(), refusal)
            activation.state = STOPPING
        for _, waiters in [*self._misplaced.take_all(), *self._asking.items()]:
            self._refuse(context, waiters, refusal)

    def _refuse(
        self, context: Context, waiters: list[Waiter], refusal: Refusal
    ) -> None:
        answer = refusal.to_wire(self._cluster.topology.id)
        for waiter in waiters:
            context.send(waiter.sender, answer)
