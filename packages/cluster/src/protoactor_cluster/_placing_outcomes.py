"""What a host's answer means to the owner, and to those who wait for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protoactor import PID, ActorError, Context, NotDelivered
from protoactor_cluster import handover as machine
from protoactor_cluster._owner import Owner
from protoactor_cluster._placing_attempt import PlacingAttempt
from protoactor_cluster._questions import Questions
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._wire import pid_from_wire, success
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PlacingOutcomes"]

Answer = cluster_pb2.ActivationResponse


class PlacingOutcomes:
    """Takes what hosts answer, and tells those who wait for it."""

    def __init__(self, cluster: Cluster, owner: Owner, questions: Questions) -> None:
        self._cluster = cluster
        self._owner = owner
        self._questions = questions

    def conclude(
        self, context: Context, attempt: PlacingAttempt, done: asyncio.Future[Answer]
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

    def refuse(
        self, context: Context, identity: ClusterIdentity, refusal: Refusal
    ) -> None:
        """Tell those who wait for this identity that it will not be placed."""
        for question in self._questions.take(identity):
            self._owner.refuse(context, question, refusal)

    def _unanswered(
        self,
        context: Context,
        attempt: PlacingAttempt,
        outcome: machine.SpawnOutcome,
        error: ActorError,
    ) -> str:
        self._end(context, attempt, None, outcome)
        text = f"the chosen host did not answer: {error}"
        self.refuse(context, attempt.identity, Refusal(cluster_pb2.NOT_REFUSED, text))
        return text

    def _started(
        self, context: Context, attempt: PlacingAttempt, pid: PID, answer: Answer
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

    def _refused(
        self, context: Context, attempt: PlacingAttempt, answer: Answer
    ) -> None:
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
        attempt: PlacingAttempt,
        activation: machine.Activation | None,
        outcome: machine.SpawnOutcome = machine.SpawnOutcome.ANSWERED,
    ) -> None:
        now = self._cluster.system.loop.time()
        event = machine.SpawnEnded(
            attempt.identity, attempt.number, activation, now, outcome
        )
        self._owner.feed(context, event)
