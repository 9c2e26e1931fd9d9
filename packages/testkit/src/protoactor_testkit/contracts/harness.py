"""What the contract must be able to do to a provider and to its service."""

from __future__ import annotations

import itertools
import uuid
from typing import Literal, Protocol, TypeAlias

from protoactor_cluster.provider import ClusterProvider, Member
from protoactor_testkit.contracts.member_process import MemberProcess

__all__ = ["ProviderHarness", "Records", "RunningMember"]

Records: TypeAlias = Literal["kept", "lapsed", "wiped"]
"""What a service still knows when it returns.

`kept`: everything. `lapsed`: the members' records expired meanwhile, the service
is the same one. `wiped`: an empty service that counts from zero.
"""


class RunningMember(Protocol):
    """A member that lives apart from the test, so that it can be hurt."""

    async def kill(self) -> None:
        """End it as `kill -9` does: nothing is deregistered."""
        ...

    async def block_loop(self, seconds: float) -> None:
        """Block its event loop; returns as soon as it is about to be blocked."""
        ...

    async def freeze(self) -> None:
        """Stop it as SIGSTOP does, until `thaw`."""
        ...

    async def thaw(self) -> None:
        """Let it go on."""
        ...

    async def membership_lost(self, within: float) -> None:
        """Wait until its `watch` raised `MembershipLost`."""
        ...

    async def leave(self) -> None:
        """Leave `join` as a program that ends properly does."""
        ...


class ProviderHarness:
    """One provider with its service, for `ClusterProviderContract`.

    Subclass it, set the times, and implement what your contract's flags promise.
    All times are seconds; keep them short, the contract derives its waits from them.
    At most four members and a dozen clients exist at once.
    """

    ttl: float
    """A member that dies silently is unlisted within this time."""
    stall_limit: float = 0.0
    """How long a blocked event loop keeps its membership; at least `3 * ttl`."""
    resync: float = 0.0
    """A silently stalled watch is noticed within this time."""
    slack: float = 2.0
    """What a busy machine may add to any of these times."""
    patience: float = 10.0
    """Whatever has no time of its own happens within this one."""

    def __init__(self) -> None:
        self._ports = itertools.count(18080)

    def provider(self) -> ClusterProvider:
        """A provider for one more member, configured as its own process would."""
        raise NotImplementedError

    def client(self) -> ClusterProvider:
        """A provider that only watches."""
        raise NotImplementedError

    def url(self) -> str:
        """What `provider()` would be as a URL, for a member in another process."""
        raise NotImplementedError("implement url(), or override start_member()")

    def member(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        kinds: frozenset[str] | None = None,
    ) -> Member:
        """A member with a fresh id, and a fresh port unless one is given."""
        kinds = frozenset({"Counter"}) if kinds is None else kinds
        return Member(uuid.uuid4().hex, host, port or next(self._ports), kinds)

    async def start_member(self, cluster: str, member: Member) -> RunningMember:
        """Start `member` apart from this process; returns once it has joined."""
        return await MemberProcess.start(self.url(), cluster, member)

    async def stop_service(self) -> None:
        """Make the service unreachable for everybody (`has_service`)."""
        raise NotImplementedError(
            "implement stop_service(), or say has_service = False"
        )

    async def start_service(self, records: Records = "kept") -> None:
        """Bring the service back (`has_service`)."""
        raise NotImplementedError(
            "implement start_service(), or say has_service = False"
        )

    async def isolate(self, provider: ClusterProvider) -> None:
        """Cut one provider off from the service (`has_arbiter`)."""
        raise NotImplementedError("implement isolate(), or say has_arbiter = False")

    async def reconnect(self, provider: ClusterProvider) -> None:
        """End `isolate` (`has_arbiter`)."""
        raise NotImplementedError("implement reconnect(), or say has_arbiter = False")

    async def stall_watches(self) -> None:
        """Keep watches open but silent from now on (`has_watch_stream`)."""
        raise NotImplementedError(
            "implement stall_watches(), or say has_watch_stream = False"
        )
