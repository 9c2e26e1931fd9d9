"""Cluster membership without any service: members ask each other for their health."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Self

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member, MembershipView
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged._session import Session
from protoactor_provider_automanaged._settings import Settings, hosts_of
from protoactor_provider_automanaged._tls import TLSContexts
from protoactor_provider_automanaged._url import read_url
from protoactor_provider_automanaged.errors import NoPort
from protoactor_remote import TLS

__all__ = ["AutomanagedProvider"]

logger = logging.getLogger("protoactor.cluster.automanaged")


class AutomanagedProvider:
    """Members that find each other by `GET http://host:port/_health`.

    `hosts` lists the health endpoint of every member, this one's too, and is the
    same everywhere; `port` is this member's own, a client has none. Hosts are
    polled every `interval` seconds; one that is silent `misses` times in a row
    has left. A member whose event loop is blocked longer than `stall_limit`
    seconds stops answering. There is no arbiter, so `watch` never raises
    `MembershipLost`.

    It listens on loopback if all hosts are there, else on every interface;
    `bind` chooses an address. With `tls` both endpoint and polls use HTTPS.

    >>> member = AutomanagedProvider(["127.0.0.1:6331", "127.0.0.1:6332"], port=6331)
    >>> client = AutomanagedProvider(["127.0.0.1:6331", "127.0.0.1:6332"])
    """

    has_arbiter = False
    """Nobody decides who is out: who is not listed is merely unreachable."""

    def __init__(
        self,
        hosts: Sequence[str],
        port: int | None = None,
        *,
        interval: float = 1.0,
        misses: int = 2,
        request_timeout: float = 1.0,
        stall_limit: float = 10.0,
        bind: str | None = None,
        tls: TLS | None = None,
    ) -> None:
        """Raises `BadSetting`, and `OSError` if a certificate cannot be used."""
        self._settings = Settings(
            hosts_of(hosts), port, interval, misses, request_timeout, stall_limit, bind
        )
        self._tls = TLSContexts(tls) if tls is not None else None
        self._sessions: dict[str, Session] = {}
        self._member: Member | None = None
        self._revisions = itertools.count(1)
        self._warned = False

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `automanaged://a:6331,b:6331?port=6331&interval=0.5`; raises `BadSetting`."""
        hosts, options = read_url(url)
        return cls(hosts, **options)

    @property
    def lease_ttl(self) -> float:
        """Seconds of silence after which others may take a member for dead."""
        return self._settings.misses * self._settings.request_timeout

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        """Answer as `member` while inside; entered once the endpoint answers.

        Raises `NoPort`, `CannotListen`, and `JoinTimeout`.
        """
        bound = self._where_to_listen()
        self._member = member
        try:
            async with (
                self._session(cluster) as session,
                session.joined_by(member, bound),
            ):
                yield
        finally:
            self._member = None

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        """The view after the first round of polls, and after every change."""
        revision = 0
        async with self._session(cluster) as session:
            session.poll()
            while True:
                view = await session.views.newer_than(revision)
                revision = view.revision
                yield view

    @asynccontextmanager
    async def _session(self, cluster: str) -> AsyncGenerator[Session, None]:
        """The session of this cluster, shared by all who use it at the same time."""
        session = self._sessions.get(cluster)
        if session is None:
            session = Session(cluster, self._settings, self._tls, self._revisions)
            session.thread.start()
            self._sessions[cluster] = session
        session.users += 1
        try:
            yield session
        finally:
            session.users -= 1
            if session.users == 0:
                del self._sessions[cluster]
                await session.stop()

    def _where_to_listen(self) -> list[Host]:
        if self._settings.port is None:
            raise NoPort
        if self._member is not None:
            raise ClusterError(
                f"this provider has joined {self._member}: use another one"
            )
        bound = self._settings.bound(self._settings.port)
        outside = [str(host) for host in bound if not host.is_loopback]
        if outside and self._tls is None and not self._warned:
            self._warned = True
            addresses = ", ".join(outside)
            logger.warning("%s serves plaintext: pass tls= or bind=", addresses)
        return bound
