"""What those who place identities need of their owner."""

from __future__ import annotations

from typing import Protocol

from protoactor import Context
from protoactor_cluster import handover as machine
from protoactor_cluster._endings import Endings
from protoactor_cluster._questions import Question
from protoactor_cluster._refusal import Refusal
from protoactor_cluster.wire import cluster_pb2

__all__ = ["Owner"]


class Owner(Protocol):
    """On whose behalf questions are answered and identities are placed."""

    endings: Endings
    handover: machine.Handover
    table: machine.OwnerTable
    spawns: machine.Spawns

    def decide(self, context: Context, question: Question) -> None:
        """Look at a question again."""
        ...

    def answer(
        self,
        context: Context,
        question: Question,
        answer: cluster_pb2.ActivationResponse,
    ) -> None: ...

    def refuse(
        self, context: Context, question: Question, refusal: Refusal
    ) -> None: ...

    def feed(self, context: Context, event: machine.Event) -> None:
        """Let the hand-over react."""
        ...
