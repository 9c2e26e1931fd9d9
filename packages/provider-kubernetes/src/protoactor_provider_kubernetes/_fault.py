"""What a call to the API server can end in, in our words."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import httpx2
from lightkube import ApiError

from protoactor_cluster.spi import Refused, Unavailable

__all__ = ["Conflict", "Expired", "Missing", "calling"]


class Conflict(Exception):
    """The object exists already, or was changed meanwhile."""


class Missing(Exception):
    """There is no such object."""


class Expired(Exception):
    """The API server has forgotten the changes we asked for."""


@contextmanager
def calling(server: str) -> Generator[None, None, None]:
    """Sort what a call raises by what we can do about it."""
    try:
        yield
    except ApiError as error:
        raise _of_status(server, error) from error
    except httpx2.HTTPError as error:
        raise Unavailable(server, _innermost(error)) from error


def _of_status(server: str, error: ApiError) -> Exception:
    reason = str(error.status.message or error.status.reason)
    match error.status.code:
        case 404:
            return Missing(reason)
        case 409:
            return Conflict(reason)
        case 410:
            return Expired(reason)
        case 400 | 401 | 403 | 422:
            return Refused(server, reason)
        case _:
            return Unavailable(server, reason)


def _innermost(error: BaseException) -> str:
    """What the operating system or TLS said, below what libraries made of it."""
    cause = error.__cause__ or error.__context__
    if cause is not None:
        return _innermost(cause)
    if isinstance(error, ConnectionError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
