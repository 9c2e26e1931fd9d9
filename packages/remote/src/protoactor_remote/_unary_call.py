"""Calls of another node that are no messages to an actor."""

from __future__ import annotations

from protoactor import PID
from protoactor.errors import ActorError, HandlerFailed, RequestTimeout
from protoactor_remote.errors import (
    CallRefused,
    ConnectionLost,
    NotOffered,
    PeerUnreachable,
)
from protoactor_remote.transport import (
    NotConnected,
    Refusal,
    StreamClosed,
    StreamRefused,
    Transport,
)

__all__ = ["unary_call"]


async def unary_call(
    transport: Transport, address: str, method: str, request: bytes, timeout: float
) -> bytes:
    """The answer. Raises what says whether the other node did something."""
    try:
        return await transport.call(address, method, request, timeout)
    except StreamRefused as error:
        raise _refused(address, method, error) from error
    except NotConnected as error:
        raise PeerUnreachable(address, str(error)) from error
    except StreamClosed as error:
        raise ConnectionLost(address, str(error)) from error
    except TimeoutError:
        raise RequestTimeout(PID(address, method), timeout) from None


def _refused(address: str, method: str, error: StreamRefused) -> ActorError:
    if error.refusal is Refusal.UNSUPPORTED:
        return NotOffered(address, method.rpartition("/")[0] or method)
    if error.refusal is Refusal.FAILED:
        return HandlerFailed(f"{address} failed in {method}", str(error))
    return CallRefused(address, method, str(error))
