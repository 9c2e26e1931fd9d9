"""What a member or client knows of itself, and of the members there are."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from protoactor import PID
from protoactor_cluster._activation import ActivationState
from protoactor_cluster.identity import ClusterIdentity

if TYPE_CHECKING:
    from protoactor_cluster._gossiper import Gossiper
    from protoactor_cluster._quarantine import Quarantine
    from protoactor_cluster._session import Session
    from protoactor_cluster._sessions import Sessions
    from protoactor_cluster.lookup import IdentityLookup
    from protoactor_cluster.member_list import MemberList
    from protoactor_cluster.provider import Member
    from protoactor_cluster.topology import Topology
    from protoactor_remote import Remote

__all__ = ["Standing"]


class Standing:
    """The part of a `Cluster` that is only looked at."""

    remote: Remote
    lookup: IdentityLookup
    quarantine: Quarantine
    populated: asyncio.Event
    _sessions: Sessions

    @property
    def session(self) -> Session:
        """The present membership."""
        return self._sessions.current

    @property
    def members(self) -> MemberList:
        return self.session.members

    @property
    def topology(self) -> Topology:
        """The members as this process sees them now."""
        return self.session.members.topology

    @property
    def member_id(self) -> str:
        """This member's id, another one after a rejoin; empty for a client."""
        me = self.session.me
        return me.id if me else ""

    @property
    def member_address(self) -> str:
        return self.remote.address

    @property
    def provider_problem(self) -> Exception | None:
        """What is wrong with the membership service, until it is well again."""
        return self.session.membership.problem

    @property
    def leaving(self) -> bool:
        """Whether this member activates nothing any more."""
        return self.session.leaving or self.session.lost.done()

    @property
    def ready(self) -> bool:
        """Whether this member takes its part: it has joined and does not leave."""
        return self.session.was_settled and not (self.leaving or self.quarantine.holds)

    @property
    def alive(self) -> bool:
        """Whether the process is worth keeping: its loop runs, and it is a member,
        or is about to be one again. May be read from other threads."""
        return self._sessions.lost is None and not self.quarantine.stalled

    @property
    def settled(self) -> bool:
        """Whether nothing waits for a change of ownership right now."""
        return self.lookup.settled

    @property
    def gossiper(self) -> Gossiper | None:
        return self.session.gossiper

    @property
    def activations(self) -> int:
        """How many activations live on this member."""
        placement = self.session.placement
        return len(placement.activations) if placement else 0

    def activations_by_kind(self) -> Counter[str]:
        """How many activations of each kind live on this member."""
        placement = self.session.placement
        return placement.activations.count_by_kind() if placement else Counter()

    def activation(self, kind: str, name: str) -> PID | None:
        """The PID of a virtual actor, if it is active on this member."""
        placement, identity = self.session.placement, ClusterIdentity(kind, name)
        activation = placement.activations.get(identity) if placement else None
        active = activation and activation.state is ActivationState.ACTIVE
        return activation.pid if activation and active else None

    def member_at(self, address: str) -> Member | None:
        """The member with this address."""
        return next((m for m in self.topology.members if m.address == address), None)

    async def wait_for_members(self, timeout: float) -> bool:
        """Wait until there is a member; false if there is none in time."""
        try:
            async with asyncio.timeout(timeout):
                await self.populated.wait()
        except TimeoutError:
            return False
        return True
