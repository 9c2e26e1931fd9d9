"""Registers a member with its provider, and waits until it is listed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from protoactor_cluster._answers import Answers
from protoactor_cluster.errors import ClusterError, JoinTimeout
from protoactor_cluster.provider import Member

if TYPE_CHECKING:
    from protoactor_cluster._session import Session

__all__ = ["joined", "registered"]

logger = logging.getLogger("protoactor.cluster")
DEREGISTER_WITHIN = 2.0


@asynccontextmanager
async def registered(session: Session, me: Member) -> AsyncGenerator[None, None]:
    """Listed by the provider while inside. Raises `JoinTimeout`, and what it raises."""
    cluster = session.cluster
    registration = cluster.provider.join(cluster.name, me)
    try:
        async with asyncio.timeout(cluster.join_timeout):
            await registration.__aenter__()
    except TimeoutError as error:
        if isinstance(error, JoinTimeout):
            raise
        raise _timeout(session, "did not register") from error
    try:
        yield
    finally:
        await _deregister(session, registration)


async def _deregister(
    session: Session, registration: AbstractAsyncContextManager[None]
) -> None:
    """A service that is down must not keep a member from leaving."""
    try:
        async with asyncio.timeout(DEREGISTER_WITHIN):
            await registration.__aexit__(None, None, None)
    except Exception as error:
        name = type(session.cluster.provider).__qualname__
        logger.warning("%s did not deregister %s: %r", name, session.me, error)


async def joined(session: Session) -> None:
    """Wait until this member is listed, among members that it can work with."""
    answers = Answers(session)
    with answers.counted():
        await _listed(session)
        if reason := session.cluster.disagreement():
            raise ClusterError(reason)
        await answers.first()
    if session.lost.done():
        raise session.lost.result()


async def _listed(session: Session) -> None:
    cluster = session.cluster
    listed = asyncio.create_task(session.joined.wait())
    try:
        either: set[asyncio.Future[Any]] = {listed, session.lost}
        await asyncio.wait(
            either,
            timeout=cluster.join_timeout,
            return_when=asyncio.FIRST_COMPLETED,
        )
    finally:
        listed.cancel()
    if session.lost.done():
        raise session.lost.result()
    if not session.joined.is_set():
        raise _timeout(session, "did not list") from session.membership.problem


def _timeout(session: Session, what: str) -> JoinTimeout:
    cluster = session.cluster
    problem = session.membership.problem
    because = f": {problem!r}" if problem else ""
    return JoinTimeout(
        f"cluster {cluster.name!r}: {type(cluster.provider).__qualname__} {what} "
        f"{session.me} within {cluster.join_timeout:g} s{because}"
    )
