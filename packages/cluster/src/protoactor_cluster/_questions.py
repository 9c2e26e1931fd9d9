"""Activation requests that an owner has not answered yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opentelemetry.trace import Span, SpanContext

from protoactor import PID, Context
from protoactor_cluster import telemetry
from protoactor_cluster._spans import end, link, to_headers
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
    waited_for: SpanContext | None = None
    """The hand-over that it had to wait for last."""

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

    def wait_for(self, handover: SpanContext | None) -> None:
        """Name the hand-over that it has to wait for."""
        if handover is not None and handover != self.waited_for:
            self.waited_for = handover
            link(self.span, handover, telemetry.HANDOVER)

    def explain(
        self, answer: cluster_pb2.ActivationResponse
    ) -> cluster_pb2.ActivationResponse:
        """The answer, with the hand-over that it had to wait for."""
        if self.waited_for is None:
            return answer
        explained = cluster_pb2.ActivationResponse()
        explained.CopyFrom(answer)
        headers = to_headers(self.waited_for) or {}
        explained.handover = headers.get("traceparent", "")
        return explained

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
        end(self.span, problem)


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
        taken = list(self)
        self._waiting.clear()
        return taken

    def __iter__(self) -> Iterator[Question]:
        for questions in self._waiting.values():
            yield from questions

    @property
    def identities(self) -> tuple[ClusterIdentity, ...]:
        return tuple(self._waiting)
