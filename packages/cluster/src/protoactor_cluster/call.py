"""The call that a grain is answering, and what calls inherit from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar

import msgspec

from protoactor import PID, Context
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["CALL_CHAIN", "IDEMPOTENCY_KEY", "Call", "current_call"]

CALL_CHAIN = "protoactor-call-chain"
IDEMPOTENCY_KEY = "protoactor-idempotency-key"
NO_HEADERS: Mapping[str, str] = {}


class Call(msgspec.Struct, frozen=True):
    """Who calls which grain, and until when the answer is of use."""

    identity: ClusterIdentity
    sender: PID | None
    headers: Mapping[str, str]
    deadline: float | None
    """In seconds of the loop's clock."""
    epoch: int = 0
    """Of the activation, for kinds with `consistency="fenced"`; else 0."""

    @classmethod
    def of(cls, identity: ClusterIdentity, context: Context) -> Call:
        """The call that a message in an actor's context is."""
        envelope = context.envelope
        if envelope is None:
            return cls(identity, None, NO_HEADERS, None)
        headers = envelope.headers or NO_HEADERS
        return cls(identity, envelope.sender, headers, envelope.deadline)

    @property
    def idempotency_key(self) -> str | None:
        headers = self.headers
        return headers.get(IDEMPOTENCY_KEY) if headers else None

    @property
    def chain(self) -> tuple[str, ...]:
        """The grains that wait for this call, and the one that answers it."""
        above = self.headers.get(CALL_CHAIN)
        waiting: list[str] = json.loads(above) if above else []
        return (*waiting, str(self.identity))

    def nested_headers(self) -> dict[str, str]:
        """What a call made while answering this one carries."""
        return {CALL_CHAIN: json.dumps(self.chain)}


current_call: ContextVar[Call | None] = ContextVar("protoactor_call", default=None)
"""Set while a grain's method runs; tasks that it starts inherit it."""
