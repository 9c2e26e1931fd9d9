"""Decides what is activated on this member, and answers who asks for it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from protoactor import PID, Actor, Context, Stopping, Terminated
from protoactor_cluster._activation import (
    Activated,
    Activation,
    ActivationFault,
    ActivationState,
    Waiter,
    asked_under,
)
from protoactor_cluster._activations import Activations
from protoactor_cluster._handover_answer import HandoverAnswer
from protoactor_cluster._handover_answers import HandoverAnswers
from protoactor_cluster._lifespan import Ending
from protoactor_cluster._misplaced import HeldTooLong, Misplaced
from protoactor_cluster._predicate import ask_predicate
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._wire import identity_from_wire, pid_from_wire, success
from protoactor_cluster.handover import decode_pull
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.topology import TopologyChange, TopologyId
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PLACEMENT", "Drain", "Drained", "Placement"]

PLACEMENT = "partition-activator"
"""Name of the placement actor, as in protoactor-go."""

logger = logging.getLogger("protoactor.cluster.placement")


class Drain:
    """End all activations, after what has arrived; answered when none is left."""


class Drained:
    """Nothing lives here any more."""


class Placement(Actor):
    """Parent of all activations of a member; one activation per identity.

    Requests that come while an identity starts or stops are answered after that.
    """

    pid: PID

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.activations = Activations(cluster)
        self._live = self.activations.live
        self._answers = HandoverAnswers(cluster, self._live)
        self._asking: dict[ClusterIdentity, list[Waiter]] = {}
        self._misplaced = Misplaced()
        self._waits_for_drain: PID | None = None

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
                self.activations.started(context, pid)
            case ActivationFault(pid, reason):
                self.activations.faulted(pid, reason)
                context.stop(pid)
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
        waiter = Waiter(
            context.sender,
            context.headers,
            TopologyId(request.topology_version, request.topology_hash),
            request.requester_id,
            request.check,
        )
        try:
            identity = identity_from_wire(request.cluster_identity)
        except InvalidIdentity as error:
            refusal = Refusal(cluster_pb2.START_FAILED, str(error))
            self.activations.refuse(context, [waiter], refusal)
            return
        overtaken = self._live.is_overtaken(request.requester_id, request.number)
        activation = self.activations.get(identity)
        if activation is not None and self._lives(activation, request):
            answer = success(activation.pid, self._cluster.topology.id)
            context.send(waiter.sender, answer)
        elif overtaken:
            return  # a repeated message: its asker has had a later answer
        elif activation is not None:
            activation.waiters.append(waiter)
        elif not request.check:
            self._admit(context, identity, [waiter])
        elif identity in self._asking:
            self._asking[identity].append(waiter)
        else:
            self.activations.refuse(context, [waiter], Refusal.not_active())

    def _lives(
        self, activation: Activation, request: cluster_pb2.ActivationRequest
    ) -> bool:
        if activation.state is not ActivationState.ACTIVE:
            return False
        dead = pid_from_wire(request.dead)
        if dead is None or dead[:2] != activation.pid[:2]:
            return True
        if self._cluster.system.registry.local(dead.id) is not None:
            return True
        activation.state = ActivationState.STOPPING  # the news is on the way here
        return False

    def _admit(
        self, context: Context, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> None:
        """Start what is absent, unless something speaks against it."""
        if (objection := self._objection(identity, waiters)) is not None:
            self.activations.refuse(context, waiters, objection)
        elif not self._cluster.lookup.may_host(identity):
            self._misplaced.hold(context, identity, waiters)
        elif (asking := self._asking.get(identity)) is not None:
            asking.extend(waiters)
        elif self._cluster.kinds[identity.kind].can_activate is None:
            self.activations.start(context, identity, waiters)
        else:
            self._ask(context, identity, waiters)

    def _objection(
        self, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> Refusal | None:
        if self._cluster.leaving:
            return Refusal.leaving()
        if identity.kind not in self._cluster.kinds:
            text = f"kind {identity.kind!r} is not hosted here"
            return Refusal(cluster_pb2.UNKNOWN_KIND, text)
        if self._live.refuses(asked_under(waiters)):
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
                self.activations.start(context, identity, waiters)
            else:
                self.activations.refuse(context, waiters, refusal)
                self._look_if_drained(context)

        kind = self._cluster.kinds[identity.kind]
        timeout = self._cluster.activation_timeout
        context.reenter_after(ask_predicate(kind, identity, timeout), answered)

    def _terminated(self, context: Context, who: PID) -> None:
        activation = self.activations.ended(context, who)
        if activation is None:
            return
        waiters = activation.take_waiters()
        checks = [waiter for waiter in waiters if waiter.only_if_active]
        self.activations.refuse(context, checks, Refusal.not_active())
        if starts := [waiter for waiter in waiters if not waiter.only_if_active]:
            self._admit(context, activation.identity, starts)
        self._look_if_drained(context)

    # -- when the topology changes -------------------------------------------------

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
        self._answers.begin(context, pull)

    def _relocate(self, context: Context) -> None:
        """Where owners host themselves: part with what others own now."""
        for activation in self.activations:
            if not self._cluster.lookup.may_host(activation.identity):
                self.activations.retire(context, activation, Ending.MOVED)
        for identity, waiters in self._misplaced.take_all():
            self._admit(context, identity, waiters)

    def _give_up(self, context: Context, held: HeldTooLong) -> None:
        if self._misplaced.take(held):
            refusal = Refusal(cluster_pb2.NOT_OWNER, "this member does not own it")
            self.activations.refuse(context, held.waiters, refusal)

    # -- the end ---------------------------------------------------------------------

    def _drain(self, context: Context) -> None:
        self._waits_for_drain = context.sender
        for activation in self.activations:
            self.activations.retire(context, activation, Ending.DRAINED)
        self._look_if_drained(context)

    def _look_if_drained(self, context: Context) -> None:
        asker = self._waits_for_drain
        if asker is not None and not len(self.activations) and not self._asking:
            context.send(asker, Drained())
            self._waits_for_drain = None

    def _stop(self, context: Context) -> None:
        for activation in self.activations:
            self.activations.refuse(
                context, activation.take_waiters(), Refusal.leaving()
            )
            activation.state = ActivationState.STOPPING
            activation.lifespan.ending = Ending.DRAINED
        for _, waiters in [*self._misplaced.take_all(), *self._asking.items()]:
            self.activations.refuse(context, waiters, Refusal.leaving())
