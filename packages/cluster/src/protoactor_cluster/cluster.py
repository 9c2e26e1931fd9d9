"""A member or client of a cluster of virtual actors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Self, TypeVar, cast, overload

from protoactor import PID, ActorSystem, UnexpectedReply
from protoactor.messages import Request
from protoactor_cluster._agreement import disagreement
from protoactor_cluster._attempts import DEFAULT, CallOptions
from protoactor_cluster._caller import Caller
from protoactor_cluster._configuration import kinds_by_name, load_lookup, load_provider
from protoactor_cluster._durations import Durations
from protoactor_cluster._handle import HandleTypes
from protoactor_cluster._metrics import observed
from protoactor_cluster._peers import Peers
from protoactor_cluster._quarantine import Quarantine
from protoactor_cluster._reply import ErrorTypes
from protoactor_cluster._sessions import Sessions
from protoactor_cluster._signals import until_signalled
from protoactor_cluster._spans import Spans
from protoactor_cluster._standing import Standing
from protoactor_cluster._statistics import ClusterStatistics
from protoactor_cluster.dialect import Dialect
from protoactor_cluster.errors import NotAMember
from protoactor_cluster.failure_detection import FailureDetection
from protoactor_cluster.gossip import Gossip
from protoactor_cluster.grain import Grain
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.introspection import Introspection
from protoactor_cluster.introspection._observer import Observer
from protoactor_cluster.keep_alive import KeepAlive
from protoactor_cluster.kind import Hostable
from protoactor_cluster.lookup import IdentityLookup
from protoactor_cluster.pid_cache import PidCache
from protoactor_cluster.provider import ClusterProvider
from protoactor_remote import Remote

__all__ = ["Cluster"]

GrainT = TypeVar("GrainT", bound=Grain)
R = TypeVar("R")


class Cluster(Standing):
    """Calls virtual actors, and hosts those of its `kinds`.

    An async context manager around a running `Remote`: entering joins (or, for a
    client, begins to watch), leaving drains and deregisters. Most programs use
    `join` or `connect`. Times are in seconds.
    """

    def __init__(
        self,
        remote: Remote,
        name: str,
        *,
        provider: ClusterProvider | str | None = None,
        kinds: Sequence[Hostable] = (),
        lookup: IdentityLookup | str | None = None,
        dialect: Dialect = Dialect.PYTHON,
        client: bool = False,
        errors: Sequence[type[Exception]] = (),
        request_timeout: float = 5.0,
        activation_timeout: float = 5.0,
        join_timeout: float = 10.0,
        drain_timeout: float = 10.0,
        failure_detection: str | FailureDetection = "default",
        pid_cache_size: int = 100_000,
        rejoin: bool = True,
        keep_alive: KeepAlive | None = None,
        introspection: Introspection | bool = False,
    ) -> None:
        """`provider`: by default what `PROTOACTOR_CLUSTER_URL` names.

        `rejoin`: after an eviction, join again under a new member id.
        `introspection`: whether tools may look into this member, and let it leave.
        """
        if not name:
            raise ValueError("a cluster needs a name: members with equal names meet")
        self.remote = remote
        self.system: ActorSystem = remote.system
        self.name = name
        self.is_client = client
        self.provider = load_provider(provider)
        self.dialect = dialect
        self.lookup = load_lookup(lookup, dialect)
        self.kinds = kinds_by_name(kinds)
        self.request_timeout = request_timeout
        self.activation_timeout = activation_timeout
        self.join_timeout = join_timeout
        self.drain_timeout = drain_timeout
        self.rejoin = rejoin
        self.detection = (
            FailureDetection.named(failure_detection)
            if isinstance(failure_detection, str)
            else failure_detection
        )
        self.spans = Spans(self.system.telemetry)
        self.statistics = ClusterStatistics()
        self.durations: Durations | None = None
        """Takes how long things last while somebody collects metrics."""
        self.pid_cache = PidCache(pid_cache_size)
        self.caller = Caller(self)
        self._handles = HandleTypes()
        self.error_types: ErrorTypes = {
            f"{error.__module__}.{error.__qualname__}": error for error in errors
        }
        self.quarantine = Quarantine(self, keep_alive)
        looked_into = Introspection.read(introspection)
        self.observer = Observer(self, looked_into) if looked_into else None
        """What is kept for those who look into this member, where that is on."""
        self.populated = asyncio.Event()
        """Set while there is a member."""
        self._sessions = Sessions(self)
        self._exit = AsyncExitStack()

    # -- lifetime ----------------------------------------------------------

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.system.register(self)
            stack.callback(self.system.unregister, self)
            stack.enter_context(Peers(self))
            stack.enter_context(observed(self))
            if not self.is_client:
                stack.enter_context(self.quarantine.guarding())
            if self.observer is not None:
                await stack.enter_async_context(self.observer.observing())
            await stack.enter_async_context(self._sessions)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def wait_closed(self) -> None:
        """Wait until this member is asked to end, or has lost its membership.

        Returns on SIGTERM and SIGINT (in the main thread) and after leaving.
        Raises `MembershipLost` if this member was evicted and does not rejoin.
        """
        await until_signalled(self._sessions.closed)
        if self._sessions.lost is not None:
            raise self._sessions.lost

    def leave(self) -> None:
        """Begin to leave gracefully, before the end of the block.

        `left` is set once this member has left; the block itself goes on.
        """
        self._sessions.end()

    @property
    def left(self) -> asyncio.Event:
        """Set when this process is no member any more, for good."""
        return self._sessions.closed

    # -- calls -------------------------------------------------------------

    def grain(
        self,
        grain: type[GrainT],
        name: str,
        *,
        timeout: float | None = None,
        retries: int | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> GrainT:
        """A handle: its methods call the virtual actor `name`, wherever it lives.

        `timeout`: seconds per call (default 5.0); `retries`: after `NotDelivered`
        (default: as the timeout allows). Raises `InvalidIdentity`, and `TypeError`
        for what is no grain class.
        """
        handle = self._handles[grain]
        options, identity = DEFAULT, ClusterIdentity.of_kind(grain.__kind__, name)
        if (timeout, retries, idempotency_key, headers) != (None, None, None, None):
            options = CallOptions(timeout, retries, idempotency_key, headers=headers)
        return cast(GrainT, handle(self, identity, options))

    async def get(self, kind: str, name: str, *, timeout: float | None = None) -> PID:
        """The PID of a virtual actor, which is activated if need be."""
        return await self.caller.locate(ClusterIdentity(kind, name), timeout)

    @overload
    async def request(
        self,
        kind: str,
        name: str,
        message: Request[R],
        *,
        timeout: float | None = None,
        retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        kind: str,
        name: str,
        message: object,
        *,
        returns: type[R],
        timeout: float | None = None,
        retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    async def request(
        self,
        kind: str,
        name: str,
        message: object,
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a message to a virtual actor and wait for its reply.

        As `Context.request`, with the retries of a grain call.
        """
        options = CallOptions(timeout, retries, headers=headers)
        identity = ClusterIdentity(kind, name)
        label = type(message).__qualname__
        reply = await self.caller.call(identity, message, options, label)
        if returns is not None and not isinstance(reply, returns):
            raise UnexpectedReply(returns, reply)
        return reply

    # -- among the members ---------------------------------------------------

    @property
    def gossip(self) -> Gossip:
        """What members publish to each other. Raises `NotAMember` for a client."""
        gossiper = self.gossiper
        if gossiper is None:
            raise NotAMember("clients take no part in gossip: ask a member")
        return Gossip(self, gossiper)

    def disagreement(self) -> str | None:
        """Why this process cannot work with the members it sees, if so."""
        return disagreement(self)

    def reaffirm_later(self, version: int) -> None:
        """A peer has counted further than this member."""
        self.session.reaffirm_later(version)
