"""Cluster membership kept in etcd."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from protoactor_cluster.provider import Member, MembershipView
from protoactor_provider_etcd._clock import now
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._keep_alive import KeepAlive
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._record import Folder
from protoactor_provider_etcd._settings import EtcdTLS, Settings, parse_endpoints
from protoactor_provider_etcd._url import parse_url
from protoactor_provider_etcd._watch import Watch

__all__ = ["EtcdProvider"]


class EtcdProvider:
    """Members register in etcd under a lease and watch each other there.

    Keys and records are those of protoactor-go. One provider keeps one member per
    cluster, and any number of watchers.

    Args:
        endpoints: `host:port` of every etcd node; the next one is tried when one fails.
        lease_ttl: Seconds until a member that died is gone; rounded up to whole ones.
        prefix: Where the clusters lie in etcd.
        stall_limit: Seconds the event loop may hang before its membership is given up.
        user, password: Only together; only with `tls` are they safe from eavesdroppers.
        tls: The certificates; without them the connection is plaintext.
        timeout: Seconds for one call to etcd; never more than a third of the lease.
        join_timeout: Seconds until joining (or a client's first view) fails.

    Raises:
        ValueError: An argument makes no sense.
    """

    def __init__(
        self,
        endpoints: str | Sequence[str] = "127.0.0.1:2379",
        *,
        lease_ttl: float = 5.0,
        prefix: str = "/protoactor",
        stall_limit: float = 10.0,
        user: str | None = None,
        password: str | None = None,
        tls: EtcdTLS | None = None,
        timeout: float = 5.0,
        join_timeout: float = 10.0,
    ) -> None:
        self._settings = Settings(
            endpoints=parse_endpoints(endpoints),
            lease_ttl=lease_ttl,
            prefix=prefix.rstrip("/"),
            stall_limit=stall_limit,
            timeout=timeout,
            join_timeout=join_timeout,
            user=user,
            password=password,
            tls=tls,
        )
        self._contact = Contact(self._settings.ttl, now)
        self._memberships: dict[str, Membership] = {}
        self._revision = 0

    @classmethod
    def from_url(cls, url: str) -> EtcdProvider:
        """Build one from `etcd://[user:password@]host:port,host:port?lease_ttl=5`.

        Every parameter of the class may stand in the query; TLS is `ca=`,
        `certificate=` and `key=`, paths of PEM files.
        """
        endpoints, options = parse_url(url)
        return cls(endpoints, **options)

    @property
    def lease_ttl(self) -> float:
        """Seconds of silence after which others may take a member for dead."""
        return float(self._settings.ttl)

    def join(self, cluster: str, member: Member) -> AbstractAsyncContextManager[None]:
        """Keep `member` registered while inside.

        Raises:
            JoinTimeout: No etcd answered within `join_timeout`.
            EtcdRefused: etcd did not accept the user.
            ValueError: The name or the member cannot be stored.
        """
        folder, membership = self._folder(cluster), self._membership(cluster)
        return KeepAlive(self._settings, self._contact, membership, folder, member)

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        """The whole view now and after every change, through outages of etcd.

        Raises:
            MembershipLost: The joined member was evicted.
            JoinTimeout: Outside `join`, no first view within `join_timeout`.
            EtcdRefused: etcd did not accept the user at the first contact.
        """
        membership = self._membership(cluster)
        watch = Watch(self._settings, self._contact, self._folder(cluster), membership)
        async with watch:
            while True:
                view = await watch.next()
                self._revision = max(view.revision, self._revision + 1)
                yield replace(view, revision=self._revision)

    def _membership(self, cluster: str) -> Membership:
        return self._memberships.setdefault(cluster, Membership(cluster))

    def _folder(self, cluster: str) -> Folder:
        if not cluster:
            raise ValueError("the cluster needs a name")
        return Folder(self._settings.prefix, cluster)
