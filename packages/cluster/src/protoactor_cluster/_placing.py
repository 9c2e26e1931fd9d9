"""Has identities activated: chooses a host, asks it, and takes its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from opentelemetry.trace import Span

from protoactor import PID, ActorError, Context, NotDelivered
from protoactor_cluster import handover as machine
from protoactor_cluster import telemetry
from protoactor_cluster._endings import Ended, Endings
from protoactor_cluster._questions import Question, Questions
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._spans import context_of, end, link, link_to
from protoactor_cluster._wire import activation_request, pid_from_wire, success
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.logs import about
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.provider import Member
from protoactor_cluster.strategies import MemberStrategy, RoundRobin
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Owner", "Placing"]

logger = logging.getLogger("protoactor.cluster.owner")
Answer = cluster_pb2.ActivationResponse
NOT_REFUSED = cluster_pb2.NOT_REFUSED


class Owner(Protocol):
    """On whose behalf identities are placed."""

    endings: Endings
    handover: machine.Handover
    table: machine.OwnerTable
    spawns: machine.Spawns

    def decide(self, context: Context, question: Question) -> None:
        """Look at a question again."""
        ...

    def answer(self, context: Context, question: Question, answer: Answer) -> None: ...

    def refuse(
        self, context: Context, question: Question, refusal: Refusal
    ) -> None: ...

    def feed(self, context: Context, event: machine.Event) -> None:
        """Let the hand-over react."""
        ...


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One question to one host."""

    identity: ClusterIdentity
    number: int
    host: Member
    dead: PID | None = None
    span: Span | None = None
    check: bool = False
    """Nothing is to be started."""


class Placing:
    """The placements that one owner has under way."""

    def __init__(self, cluster: Cluster, owner: Owner) -> None:
        self._cluster = cluster
        self._owner = owner
        self._questions = Questions()
        self._attempts: dict[ClusterIdentity, _Attempt] = {}
        self._strategies: dict[str, MemberStrategy] = {}

    def attach(self, question: Question) -> None:
        """Answer this one too when the placement of its identity ends."""
        self._questions.add(question)
        attempt = self._attempts.get(question.identity)
        if attempt is not None:
            link(question.span, context_of(attempt.span), telemetry.ACTIVATION_PLACE)

    def abandon(self, context: Context, identity: ClusterIdentity) -> None:
        """The host that was asked has left."""
        self._attempts.pop(identity, None)
        self._refuse(
            context, identity, Refusal(NOT_REFUSED, "the host that was asked has left")
        )

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
        chosen = host or self._choose(identity, question.request.requester_id)
        if isinstance(chosen, Refusal):
            self._owner.refuse(context, question, chosen)
            return
        number = self._owner.spawns.begin(identity, chosen.id)
        span = self._start_span(question, chosen)
        attempt = _Attempt(identity, number, chosen, question.dead, span)
        self._attempts[identity] = attempt
        self._questions.add(question)
        self._ask(context, attempt, question.headers, question.span)

    def check(
        self, context: Context, identity: ClusterIdentity, host: Member, number: int
    ) -> None:
        """Have a host say whether the identity lives there."""
        attempt = _Attempt(identity, number, host, check=True)
        self._attempts[identity] = attempt
        self._ask(context, attempt, {}, None)

    # -- whom to ask -------------------------------------------------------------

    def _choose(self, identity: ClusterIdentity, requester_id: str) -> Member | Refusal:
        members, kind = self._cluster.members, identity.kind
        hosts = members.hosts(kind)
        if not hosts:
            if any(kind in member.kinds for member in members.topology.members):
                text = f"every member that hosts {kind!r} is leaving"
                return Refusal(NOT_REFUSED, text)
            return Refusal(cluster_pb2.UNKNOWN_KIND, f"no member hosts {kind!r}")
        requester = members.topology.by_id.get(requester_id)
        try:
            strategy = self._strategy(kind)
            host = strategy.choose(hosts, requester.address if requester else "")
        except Exception as error:
            logger.warning(
                "the strategy of %r failed",
                kind,
                exc_info=error,
                extra=about(identity),
            )
            text = f"the member strategy of {kind!r} raised {error!r}"
            return Refusal(cluster_pb2.START_FAILED, text)
        if host is None or host not in hosts:
            text = f"the member strategy of {kind!r} chose {host}, none of its hosts"
            return Refusal(NOT_REFUSED, text)
        return host

    def _strategy(self, kind: str) -> MemberStrategy:
        strategy = self._strategies.get(kind)
        if strategy is None:
            known = self._cluster.kinds.get(kind)
            strategy = known.strategy() if known else RoundRobin()
            self._strategies[kind] = strategy
        return strategy

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
        attempt: _Attempt,
        headers: Mapping[str, str],
        parent: Span | None,
    ) -> None:
        cluster, identity = self._cluster, attempt.identity
        answer = context.request(
            PID(attempt.host.address, PLACEMENT),
            activation_request(
                identity,
                self._owner.handover.topology.id,
                cluster.member_id,
                attempt.dead,
                attempt.number,
                attempt.check,
            ),
            returns=Answer,
            timeout=cluster.activation_timeout,
            headers=cluster.spans.headers(attempt.span or parent, headers),
        )

        def answered(done: asyncio.Future[Answer]) -> None:
            problem: str | None = "its host left meanwhile"
            if self._attempts.get(identity) is attempt:
                del self._attempts[identity]
                problem = self._conclude(context, attempt, done)
            error = ActivationFailed(str(identity), problem) if problem else None
            end(attempt.span, error)

        context.reenter_after(answer, answered)

    def _conclude(
        self, context: Context, attempt: _Attempt, done: asyncio.Future[Answer]
    ) -> str | None:
        """Take the outcome of a placement; returns what went wrong."""
        outcome = machine.SpawnOutcome
        try:
            answer = done.result()
        except NotDelivered as error:
            return self._unanswered(context, attempt, outcome.NOT_DELIVERED, error)
        except ActorError as error:
            return self._unanswered(context, attempt, outcome.UNKNOWN, error)
        pid = pid_from_wire(answer.pid)
        if pid is not None and not answer.failed:
            self._started(context, attempt, pid, answer)
            return None
        self._refused(context, attempt, answer)
        return answer.reason

    def _unanswered(
        self,
        context: Context,
        attempt: _Attempt,
        outcome: machine.SpawnOutcome,
        error: ActorError,
    ) -> str:
        self._end(context, attempt, None, outcome)
        text = f"the chosen host did not answer: {error}"
        self._refuse(context, attempt.identity, Refusal(NOT_REFUSED, text))
        return text

    def _started(
        self, context: Context, attempt: _Attempt, pid: PID, answer: Answer
    ) -> None:
        identity, owner = attempt.identity, self._owner
        if attempt.dead is not None and attempt.dead[:2] != pid[:2]:
            owner.table.remove(identity, attempt.dead)
        owner.endings.forget(identity)
        activation = machine.Activation.of(identity, pid, attempt.host.id)
        self._end(context, attempt, activation)
        kept = owner.table.get(identity)
        if kept is not None:
            answer = success(kept.pid, owner.handover.topology.id)
        for question in self._questions.take(identity):
            owner.answer(context, question, answer)

    def _refused(self, context: Context, attempt: _Attempt, answer: Answer) -> None:
        identity, owner = attempt.identity, self._owner
        if attempt.dead is not None:
            owner.table.remove(identity, attempt.dead)
        self._end(context, attempt, None)
        if answer.refusal == cluster_pb2.STALE_TOPOLOGY:
            self._cluster.reaffirm_later(answer.topology_version)
        questions = self._questions.take(identity)
        if answer.refusal == cluster_pb2.LEAVING:
            self._cluster.members.exclude(attempt.host.id)
        for question in questions:
            if attempt.check or answer.refusal == cluster_pb2.LEAVING:
                owner.decide(context, question)
            else:
                owner.answer(context, question, answer)

    def _end(
        self,
        context: Context,
        attempt: _Attempt,
        activation: machine.Activation | None,
        outcome: machine.SpawnOutcome = machine.SpawnOutcome.ANSWERED,
    ) -> None:
        now = self._cluster.system.loop.time()
        event = machine.SpawnEnded(
            attempt.identity, attempt.number, activation, now, outcome
        )
        self._owner.feed(context, event)

    def _refuse(
        self, context: Context, identity: ClusterIdentity, refusal: Refusal
    ) -> None:
        for question in self._questions.take(identity):
            self._owner.refuse(context, question, refusal)
