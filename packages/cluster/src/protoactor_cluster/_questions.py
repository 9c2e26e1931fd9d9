"""Activation requests that an owner has not answered yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from opentelemetry.trace import Span

from protoactor import PID, Context
from protoactor_cluster import telemetry
from protoactor_cluster._wire import pid_from_wire
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import cluster_pb2

__all__ = ["Question", "Questions"]


@dataclass(slots=True)
class Question:
    """Who wants to know where an identity lives."""

    identity: ClusterIdentity
    request: cluster_pb2.ActivationRequest
    sender: PID
    headers: Mapping[str, str]
    dead: PID | None
    span: Span | None = None

    @classmethod
    def of(
        cls,
        context: Context,
        identity: ClusterIdentity,
        request: cluster_pb2.ActivationRequest,
    ) -> Question:
        assert context.sender is not None
        dead = pid_from_wire(request.dead)
        return cls(identity, request, context.sender, context.headers, dead)

    def close(self, answer: cluster_pb2.ActivationResponse | None) -> None:
        """End the span with what was answered; `None`: somebody else answers."""
        if self.span is None:
            return
        problem = None
        if answer is not None and answer.failed:
            problem = ActivationFailed(str(self.identity), answer.reason)
        elif answer is not None:
            self.span.set_attribute(telemetry.PID, answer.pid.Id)
            self.span.set_attribute(telemetry.HOST, answer.pid.Address)
        telemetry.end(self.span, problem)


class Questions:
    """Those that wait for the same thing, by identity."""

    def __init__(self) -> None:
        self._waiting: defaultdict[ClusterIdentity, list[Question]] = defaultdict(list)

    def add(self, question: Question) -> None:
        self._waiting[question.identity].append(question)

    def take(self, identity: ClusterIdentity) -> list[Question]:
        """Take out those about this identity."""
        return self._waiting.pop(identity, [])

    def take_all(self) -> list[Question]:
        taken = [question for them in self._waiting.values() for question in them]
        self._waiting.clear()
        return taken

    @property
    def identities(self) -> tuple[ClusterIdentity, ...]:
        return tuple(self._waiting)
