"""Failures of grain methods on the wire, and back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from protoactor_cluster.errors import GrainError
from protoactor_cluster.wire import grain_pb2

__all__ = ["ErrorTypes", "failure_reply"]

ERROR_TYPE = "error-type"
ErrorTypes = Mapping[str, type[Exception]]
"""Exception classes that come back as themselves, by `module.qualname`."""


def failure_reply(
    error: BaseException, reason: str = "UNKNOWN"
) -> grain_pb2.GrainErrorResponse:
    """The reply for what a method raised; reasons are protoactor-go's."""
    if isinstance(error, GrainError):
        return grain_pb2.GrainErrorResponse(
            reason=error.reason, message=error.message, metadata=error.metadata
        )
    cls = type(error)
    return grain_pb2.GrainErrorResponse(
        reason=reason,
        message=f"{cls.__qualname__}: {error}" if str(error) else cls.__qualname__,
        metadata={ERROR_TYPE: f"{cls.__module__}.{cls.__qualname__}"},
    )


def failure_of(reply: grain_pb2.GrainErrorResponse, types: ErrorTypes) -> Exception:
    """What the caller raises: a registered exception class, or `GrainError`.

    A class that cannot be made of its text alone comes as `GrainError` too.
    """
    known = types.get(reply.metadata.get(ERROR_TYPE, ""))
    if known is not None:
        with contextlib.suppress(TypeError):
            return known(reply.message.partition(": ")[2])
    return GrainError(reply.reason, reply.message, dict(reply.metadata))
