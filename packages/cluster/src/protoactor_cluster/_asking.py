"""Asks a member where an identity lives, once for all who want to know."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

from opentelemetry import trace
from opentelemetry.trace import Span, SpanContext

from protoactor import PID, ActorError
from protoactor_cluster import telemetry
from protoactor_cluster._spans import context_of, end, link, parse
from protoactor_cluster._unreachable import Unreachable
from protoactor_cluster._wire import activation_request, pid_from_wire
from protoactor_cluster.errors import ActivationFailed, IdentityBlocked, KindNotFound
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.lookup import NotPlaced
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Asking"]


_Key: TypeAlias = tuple[ClusterIdentity, PID | None]


class _Inquiry:
    """One question, and what is known about its way."""

    answer: asyncio.Task[PID]

    def __init__(
        self, identity: ClusterIdentity, dead: PID | None, caller: Span
    ) -> None:
        self.identity = identity
        self.dead = dead
        self.caller = caller
        self.span: Span | None = None
        self.waited_for: SpanContext | None = None
        """The hand-over that its answer had to wait for."""

    def explain(self, caller: Span) -> None:
        """Let somebody who waited for the answer name what it waited for."""
        link(caller, self.waited_for, telemetry.HANDOVER)
        if caller is not self.caller:
            link(caller, context_of(self.span), telemetry.IDENTITY_LOOKUP)


class Asking:
    """The questions of one member or client that are on their way.

    `whom` names the actor that knows, or has it activated. Where any member's actor
    of that name passes questions on, `relayed`, another one is asked while that one
    cannot be reached: members know sooner than clients that one of them is dead.
    Nobody who gives up takes the answer away from the others.
    """

    def __init__(
        self,
        cluster: Cluster,
        whom: Callable[[ClusterIdentity], PID | None],
        *,
        relayed: bool = False,
    ) -> None:
        self._cluster = cluster
        self._whom = whom
        self._under_way: dict[_Key, _Inquiry] = {}
        self._relayed = relayed
        self._unreachable = Unreachable(cluster.system)
        self._random = random.Random(cluster.system.id)

    def listening(self) -> AbstractContextManager[None]:
        """Notice inside which members cannot be reached."""
        return self._unreachable.listening()

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        """As `IdentityLookup.get`."""
        caller = trace.get_current_span()
        inquiry = self._under_way.get((identity, dead))
        if inquiry is None:
            inquiry = self._start(identity, dead, caller)
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(inquiry.answer)
        except TimeoutError:
            raise NotPlaced(identity, f"no answer within {timeout:g} s") from None
        finally:
            inquiry.explain(caller)

    def _start(
        self, identity: ClusterIdentity, dead: PID | None, caller: Span
    ) -> _Inquiry:
        inquiry = self._under_way[identity, dead] = _Inquiry(identity, dead, caller)
        answer = inquiry.answer = self._cluster.system.start_background(
            self._ask(inquiry), f"lookup {identity}"
        )

        def ended(task: asyncio.Task[PID]) -> None:
            del self._under_way[identity, dead]
            if not task.cancelled():
                task.exception()  # whoever waits sees it; perhaps nobody does

        answer.add_done_callback(ended)
        return inquiry

    async def _ask(self, inquiry: _Inquiry) -> PID:
        identity = inquiry.identity
        target = self._whom(identity)
        span = inquiry.span = self._cluster.spans.start(
            telemetry.IDENTITY_LOOKUP,
            parent=inquiry.caller,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.OWNER: target.address if target else "",
            },
        )
        problem: Exception | None = None
        try:
            if target is None:
                raise self._nobody(identity)
            return await self._ask_actor(self._reachable(target), inquiry)
        except Exception as error:
            problem = error
            raise
        finally:
            end(span, problem)

    def _nobody(self, identity: ClusterIdentity) -> Exception:
        members = self._cluster.topology.members
        if members and not any(identity.kind in member.kinds for member in members):
            return KindNotFound(identity.kind, len(members))
        return NotPlaced(identity, "no member is known yet")

    def _reachable(self, target: PID) -> PID:
        """The target, or the same actor of another member: that one may know more."""
        if not self._relayed or target.address not in self._unreachable:
            return target
        me = self._cluster.member_id
        others = [
            member.address
            for member in self._cluster.topology.members
            if member.address not in self._unreachable and member.id != me
        ]
        return PID(self._random.choice(others), target.id) if others else target

    async def _ask_actor(self, target: PID, inquiry: _Inquiry) -> PID:
        cluster, identity = self._cluster, inquiry.identity
        request = activation_request(
            identity, cluster.topology.id, cluster.member_id, inquiry.dead
        )
        try:
            answer = await cluster.system.request(
                target,
                request,
                returns=cluster_pb2.ActivationResponse,
                timeout=cluster.activation_timeout,
                headers=cluster.spans.headers(inquiry.span or inquiry.caller),
            )
        except ActorError as error:
            # whatever became of the question, nothing of the call itself has run
            raise NotPlaced(identity, f"{target.address}: {error}") from error
        if answer.handover:
            inquiry.waited_for = parse({"traceparent": answer.handover})
        return self._read(identity, answer)

    def _read(
        self, identity: ClusterIdentity, answer: cluster_pb2.ActivationResponse
    ) -> PID:
        pid = pid_from_wire(answer.pid)
        if pid is not None and not answer.failed:
            return pid
        if answer.invalid_identity:
            raise IdentityBlocked(str(identity))
        match answer.refusal:
            case cluster_pb2.UNKNOWN_KIND:
                raise KindNotFound(identity.kind, len(self._cluster.topology))
            case cluster_pb2.START_FAILED:
                raise ActivationFailed(str(identity), answer.reason)
            case _:
                raise NotPlaced(identity, answer.reason or "the request was refused")
