"""Has identities activated: chooses a host, asks it, and takes its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from opentelemetry.trace import Span

from protoactor import PID, Context
from protoactor_cluster import telemetry
from protoactor_cluster._endings import Ended
from protoactor_cluster._host_choice import HostChoice
from protoactor_cluster._owner import Owner
from protoactor_cluster._placing_attempt import PlacingAttempt
from protoactor_cluster._placing_outcomes import PlacingOutcomes
from protoactor_cluster._questions import Question, Questions
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._spans import context_of, end, link, link_to
from protoactor_cluster._wire import activation_request
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.provider import Member
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Placing"]

Answer = cluster_pb2.ActivationResponse


class Placing:
    """The placements that one owner has under way."""

    def __init__(self, cluster: Cluster, owner: Owner) -> None:
        self._cluster = cluster
        self._owner = owner
        self._questions = Questions()
        self._attempts: dict[ClusterIdentity, PlacingAttempt] = {}
        self._hosts = HostChoice(cluster)
        self._outcomes = PlacingOutcomes(cluster, owner, self._questions)

    def attach(self, question: Question) -> None:
        """Answer this one too when the placement of its identity ends."""
        self._questions.add(question)
        attempt = self._attempts.get(question.identity)
        if attempt is not None:
            link(question.span, context_of(attempt.span), telemetry.ACTIVATION_PLACE)

    def abandon(self, context: Context, identity: ClusterIdentity) -> None:
        """The host that was asked has left."""
        self._attempts.pop(identity, None)
        gone = Refusal(cluster_pb2.NOT_REFUSED, "the host that was asked has left")
        self._outcomes.refuse(context, identity, gone)

    def close(self, context: Context, refusal: Refusal) -> None:
        """Nobody waits here any more."""
        for question in self._questions.take_all():
            self._owner.refuse(context, question, refusal)

    def place(
        self, context: Context, question: Question, host_id: str | None = None
    ) -> None:
        """Have it activated, on this host if one is given.

        With a dead PID in the question, the host says what is true.
        """
        identity = question.identity
        host = self._owner.handover.topology.by_id.get(host_id or "")
        chosen = host or self._hosts.choose(identity, question.request.requester_id)
        if isinstance(chosen, Refusal):
            self._owner.refuse(context, question, chosen)
            return
        number = self._owner.spawns.begin(identity, chosen.id)
        span = self._start_span(question, chosen)
        attempt = PlacingAttempt(identity, number, chosen, question.dead, span)
        self._attempts[identity] = attempt
        self._questions.add(question)
        self._ask(context, attempt, question.headers, question.span)

    def check(
        self, context: Context, identity: ClusterIdentity, host: Member, number: int
    ) -> None:
        """Have a host say whether the identity lives there."""
        attempt = PlacingAttempt(identity, number, host, check=True)
        self._attempts[identity] = attempt
        self._ask(context, attempt, {}, None)

    # -- asking, and the answer ----------------------------------------------------

    def _start_span(self, question: Question, host: Member) -> Span | None:
        """A span that says why the identity has to be activated, if that is known."""
        ended = self._owner.endings.get(question.identity)
        if ended is None and question.dead is not None:
            ended = Ended("nobody at its last address")
        attributes = {
            telemetry.IDENTITY: str(question.identity),
            telemetry.KIND: question.identity.kind,
            telemetry.MEMBER: self._cluster.member_id,
            telemetry.HOST: host.address,
        }
        return self._cluster.spans.start(
            telemetry.ACTIVATION_PLACE,
            headers=question.headers,
            parent=question.span,
            attributes=attributes | ({telemetry.AFTER: ended.reason} if ended else {}),
            links=link_to(ended.trace, ended.reason) if ended else (),
        )

    def _ask(
        self,
        context: Context,
        attempt: PlacingAttempt,
        headers: Mapping[str, str],
        parent: Span | None,
    ) -> None:
        cluster, identity = self._cluster, attempt.identity

        def answered(done: asyncio.Future[Answer]) -> None:
            problem: str | None = "its host left meanwhile"
            if self._attempts.get(identity) is attempt:
                del self._attempts[identity]
                problem = self._outcomes.conclude(context, attempt, done)
            error = ActivationFailed(str(identity), problem) if problem else None
            end(attempt.span, error)

        context.request_reenter(
            PID(attempt.host.address, PLACEMENT),
            activation_request(
                identity,
                self._owner.handover.topology.id,
                cluster.member_id,
                attempt.dead,
                attempt.number,
                attempt.check,
            ),
            answered,
            returns=Answer,
            timeout=cluster.activation_timeout,
            headers=cluster.spans.headers(attempt.span or parent, headers),
        )
