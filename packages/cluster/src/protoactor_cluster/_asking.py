"""Asks a member where an identity lives, once for all who want to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from opentelemetry import trace

from protoactor import PID, ActorError
from protoactor_cluster import telemetry
from protoactor_cluster._wire import activation_request, pid_from_wire
from protoactor_cluster.errors import ActivationFailed, IdentityBlocked, KindNotFound
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.lookup import NotPlaced
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Asking"]


class Asking:
    """The questions of one member or client that are on their way.

    `whom` names the actor that knows, or has it activated. Nobody who gives up
    takes the answer away from the others.
    """

    def __init__(
        self, cluster: Cluster, whom: Callable[[ClusterIdentity], PID | None]
    ) -> None:
        self._cluster = cluster
        self._whom = whom
        self._under_way: dict[
            tuple[ClusterIdentity, PID | None], asyncio.Task[PID]
        ] = {}

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        """As `IdentityLookup.get`."""
        task = self._under_way.get((identity, dead))
        if task is None:
            task = self._start(identity, dead)
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(task)
        except TimeoutError:
            raise NotPlaced(identity, f"no answer within {timeout:g} s") from None

    def _start(self, identity: ClusterIdentity, dead: PID | None) -> asyncio.Task[PID]:
        key = (identity, dead)
        task = self._under_way[key] = self._cluster.system.start_background(
            self._ask(identity, dead, trace.get_current_span()), f"lookup {identity}"
        )

        def ended(task: asyncio.Task[PID]) -> None:
            del self._under_way[key]
            if not task.cancelled():
                task.exception()  # whoever waits sees it; perhaps nobody does

        task.add_done_callback(ended)
        return task

    async def _ask(
        self, identity: ClusterIdentity, dead: PID | None, parent: trace.Span
    ) -> PID:
        target = self._whom(identity)
        span = self._cluster.spans.start(
            telemetry.IDENTITY_LOOKUP,
            parent=parent,
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
            return await self._ask_actor(target, identity, dead, span)
        except Exception as error:
            problem = error
            raise
        finally:
            telemetry.end(span, problem)

    def _nobody(self, identity: ClusterIdentity) -> Exception:
        members = self._cluster.topology.members
        if members and not any(identity.kind in member.kinds for member in members):
            return KindNotFound(identity.kind, len(members))
        return NotPlaced(identity, "no member is known yet")

    async def _ask_actor(
        self,
        target: PID,
        identity: ClusterIdentity,
        dead: PID | None,
        span: trace.Span | None,
    ) -> PID:
        cluster = self._cluster
        request = activation_request(
            identity, cluster.topology.id, cluster.member_id, dead
        )
        try:
            answer = await cluster.system.request(
                target,
                request,
                returns=cluster_pb2.ActivationResponse,
                timeout=cluster.activation_timeout,
                headers=cluster.spans.headers(span),
            )
        except ActorError as error:
            # whatever became of the question, nothing of the call itself has run
            raise NotPlaced(identity, f"{target.address}: {error}") from error
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
