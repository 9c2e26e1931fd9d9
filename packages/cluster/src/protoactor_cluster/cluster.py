"""A member or client of a cluster of virtual actors."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Self, TypeVar, cast, overload

from opentelemetry.trace import Span

from protoactor import PID, ActorSystem, UnexpectedReply, plugins
from protoactor.messages import Request
from protoactor_cluster._caller import Caller, CallOptions
from protoactor_cluster._gossiper import Gossiper
from protoactor_cluster._handle import GrainHandle
from protoactor_cluster._infrastructure import infrastructure
from protoactor_cluster._membership import Membership
from protoactor_cluster._reply import ErrorTypes
from protoactor_cluster.errors import JoinTimeout, MembershipLost
from protoactor_cluster.events import MemberSuspected
from protoactor_cluster.failure_detection import FailureDetection
from protoactor_cluster.grain import Grain
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.kind import Hostable, Kind
from protoactor_cluster.lookup import IdentityLookup
from protoactor_cluster.member_list import MemberList
from protoactor_cluster.partition import PartitionLookup
from protoactor_cluster.pid_cache import PidCache
from protoactor_cluster.placement import PLACEMENT, Placement
from protoactor_cluster.provider import ClusterProvider, Member
from protoactor_cluster.telemetry import Spans
from protoactor_cluster.topology import Topology, TopologyChange, TopologyId
from protoactor_remote import Remote

__all__ = ["Cluster", "load_provider"]

logger = logging.getLogger("protoactor.cluster")
REAFFIRM_AFTER = 1.0
GrainT = TypeVar("GrainT", bound=Grain)
R = TypeVar("R")


class Cluster:
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
        provider: ClusterProvider | str,
        kinds: Sequence[Hostable] = (),
        lookup: IdentityLookup | str | None = None,
        client: bool = False,
        errors: Sequence[type[Exception]] = (),
        request_timeout: float = 5.0,
        activation_timeout: float = 5.0,
        join_timeout: float = 10.0,
        drain_timeout: float = 10.0,
        failure_detection: str | FailureDetection = "default",
        pid_cache_size: int = 100_000,
    ) -> None:
        if not name:
            raise ValueError("a cluster needs a name: members with equal names meet")
        self.remote = remote
        self.system: ActorSystem = remote.system
        self.name = name
        self.is_client = client
        self.provider = load_provider(provider)
        self.lookup = _lookup(lookup)
        self.kinds = _kinds(kinds)
        self.request_timeout = request_timeout
        self.activation_timeout = activation_timeout
        self.leaving = False
        self.spans = Spans(self.system.telemetry)
        self.pid_cache = PidCache(pid_cache_size)
        self.caller = Caller(self)
        self.error_types: ErrorTypes = {
            f"{error.__module__}.{error.__qualname__}": error for error in errors
        }
        self.members = MemberList()
        self.gossip: Gossiper | None = None
        self.topology_span: Span | None = None
        self._detection = (
            FailureDetection.named(failure_detection)
            if isinstance(failure_detection, str)
            else failure_detection
        )
        self._join_timeout = join_timeout
        self._drain_timeout = drain_timeout
        self._membership = Membership(self, self.members)
        self._following: asyncio.Task[None] | None = None
        self._placement: Placement | None = None
        self._exit = AsyncExitStack()
        self._closed = asyncio.Event()
        self._lost: MembershipLost | None = None

    # -- lifetime ----------------------------------------------------------

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.system.register(self)
            stack.callback(self.system.unregister, self)
            await self._start(stack)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leaving = True
        try:
            await self._exit.aclose()
        finally:
            self._closed.set()

    async def wait_closed(self) -> None:
        """Wait until this member is asked to end, or has lost its membership.

        Returns on SIGTERM and SIGINT (in the main thread) and after leaving.
        Raises `MembershipLost` if this member was evicted.
        """
        loop = asyncio.get_running_loop()
        signals: tuple[signal.Signals, ...] = ()
        if threading.current_thread() is threading.main_thread():
            signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self._closed.set)
        try:
            await self._closed.wait()
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
        if self._lost is not None:
            raise self._lost

    async def _start(self, stack: AsyncExitStack) -> None:
        if not self.is_client:
            me = self._me()
            self.members = MemberList(me)
            self._membership = Membership(self, self.members)
            self.gossip = Gossiper(self, self._detection)
            await stack.enter_async_context(self.gossip.run())
            await stack.enter_async_context(self.lookup.run(self))
            self._start_placement(stack)
            await stack.enter_async_context(self.provider.join(self.name, me))
            stack.push_async_callback(self.gossip.say_left)
        else:
            await stack.enter_async_context(self.lookup.run(self))
        self._following = asyncio.create_task(self._follow(), name="membership")
        stack.push_async_callback(self._stop_following)
        if not self.is_client:
            await self._wait_joined()

    def _me(self) -> Member:
        host, _, port = self.remote.address.rpartition(":")
        return Member(
            self.system.id,
            host,
            int(port),
            frozenset(self.kinds),
            (("lookup", self.lookup.name),),
        )

    def _start_placement(self, stack: AsyncExitStack) -> None:
        placement = self._placement = Placement(self)
        props = infrastructure(lambda: placement)
        pid = self.system.spawn_named(props, PLACEMENT)
        stack.push_async_callback(self._drain, pid)

    async def _drain(self, placement: PID) -> None:
        """Let every activation finish what it has, for `drain_timeout` at most."""
        try:
            async with asyncio.timeout(self._drain_timeout):
                await self.system.stop(placement)
        except TimeoutError:
            logger.warning("activations did not end in %g s", self._drain_timeout)

    async def _wait_joined(self) -> None:
        assert self._following is not None
        joined = asyncio.ensure_future(self._membership.joined.wait())
        try:
            await asyncio.wait(
                {joined, self._following},
                timeout=self._join_timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            joined.cancel()
        if self._lost is not None:
            raise self._lost
        if not self._membership.joined.is_set():
            raise JoinTimeout(
                f"cluster {self.name!r}: {type(self.provider).__qualname__} did not list "
                f"{self.member_address} as a member within {self._join_timeout:g} s"
            )

    async def _follow(self) -> None:
        try:
            await self._membership.follow()
        except MembershipLost as error:
            self._lose(error)

    def _lose(self, error: MembershipLost) -> None:
        """From now on this member serves nothing."""
        logger.error("cluster %r: membership lost: %s", self.name, error)
        self.leaving = True
        self._lost = error
        self._closed.set()

    async def _stop_following(self) -> None:
        self._membership.close()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

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
        (default: as the timeout allows). Raises `InvalidIdentity`.
        """
        options = CallOptions(timeout, retries, idempotency_key, headers=headers)
        return cast(GrainT, GrainHandle(self, grain, name, options))

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

    # -- who is there --------------------------------------------------------

    @property
    def topology(self) -> Topology:
        """The members as this process sees them now."""
        return self.members.topology

    @property
    def member_id(self) -> str:
        """This member's id; empty for a client."""
        return "" if self.is_client else self.system.id

    @property
    def member_address(self) -> str:
        return self.remote.address

    @property
    def activations(self) -> int:
        """How many activations live on this member."""
        return len(self._placement) if self._placement else 0

    def activations_by_kind(self) -> Counter[str]:
        """How many activations of each kind live on this member."""
        here = self._placement.activations if self._placement else ()
        return Counter(activation.identity.kind for activation in here)

    def member_at(self, address: str) -> Member | None:
        """The member with this address."""
        return next((m for m in self.topology.members if m.address == address), None)

    async def wait_for_members(self, timeout: float) -> bool:
        """Wait until there is a member; false if there is none in time."""
        try:
            async with asyncio.timeout(timeout):
                await self._membership.populated.wait()
        except TimeoutError:
            return False
        return True

    def apply(self, change: TopologyChange) -> None:
        """Let everything follow a topology change, in the order that calls rely on."""
        for member in change.left:
            self.pid_cache.remove_by_member(member.id)
            if self.member_at(member.address) is None:
                self.remote.disconnect(member.address, f"{member.id} left the cluster")
        self.lookup.topology_changed(change)
        if self.gossip is not None:
            self.gossip.topology_changed(change)
        self.system.events.publish(change)

    def block(self, member_ids: Collection[str], reason: str) -> None:
        """Remove members that left or died, although the provider still lists them."""
        logger.info("removing %s: %s", ", ".join(member_ids), reason)
        self._membership.take(self.members.block(member_ids, self.system.loop.time()))
        if self.members.eviction is not None:
            self._lose(MembershipLost(self.members.eviction))

    def hear(self, member_id: str, theirs: TopologyId) -> None:
        """A member says which topology it has."""
        self._membership.take(self.members.hear(member_id, theirs))

    def reaffirm_later(self, version: int) -> None:
        """A peer has counted further: follow, unless a newer topology comes soon."""

        def reaffirm() -> None:
            self._membership.take(self.members.reaffirm(version))

        self.system.loop.call_later(REAFFIRM_AFTER, reaffirm)

    def suspect(self, member_ids: frozenset[str]) -> None:
        """These members miss heartbeats: they get no new activations."""
        for member_id in member_ids - self.members.suspected:
            member = self.topology.by_id.get(member_id)
            if member is not None:
                self.system.events.publish(MemberSuspected(member))
        self.members.suspect(member_ids)


def load_provider(provider: ClusterProvider | str) -> ClusterProvider:
    """The provider itself, or the one that the URL names. Raises `PluginError`."""
    if not isinstance(provider, str):
        return provider
    loaded = plugins.load(plugins.CLUSTER_PROVIDERS, provider)
    if not isinstance(loaded, ClusterProvider):
        raise TypeError(f"{provider!r} made a {type(loaded).__qualname__}, no provider")
    return loaded


def _lookup(lookup: IdentityLookup | str | None) -> IdentityLookup:
    if lookup is None:
        return PartitionLookup()
    if not isinstance(lookup, str):
        return lookup
    return cast(IdentityLookup, plugins.load(plugins.IDENTITY_LOOKUPS, lookup))


def _kinds(hostables: Sequence[Hostable]) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for kind in map(Kind.read, hostables):
        if kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"kind {kind.name!r} is given twice")
    return kinds
