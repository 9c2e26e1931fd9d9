"""Who misses heartbeats, and when that is enough to remove a member."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

__all__ = ["DEFAULT", "FAST", "FailureDetection", "HeartbeatMonitor", "condemned"]


@dataclass(frozen=True, slots=True)
class FailureDetection:
    """How often members beat and how long silence is tolerated, in seconds."""

    heartbeat_interval: float
    """Also the gossip interval: a heartbeat travels with every round."""
    suspect_after: float

    def __post_init__(self) -> None:
        if self.heartbeat_interval <= 0:
            raise ValueError("heartbeat_interval must be more than 0 seconds")
        if self.suspect_after < 5 * self.heartbeat_interval:
            raise ValueError(
                f"suspect_after={self.suspect_after:g} s leaves no room for lost gossip: "
                f"allow at least 5 heartbeats ({5 * self.heartbeat_interval:g} s)"
            )

    @classmethod
    def named(cls, profile: str) -> FailureDetection:
        """The profile `default` or `fast`."""
        profiles = {"default": DEFAULT, "fast": FAST}
        if profile not in profiles:
            known = " or ".join(repr(name) for name in profiles)
            raise ValueError(f"no failure detection profile {profile!r}: use {known}")
        return profiles[profile]


DEFAULT = FailureDetection(heartbeat_interval=0.3, suspect_after=12.0)
"""Longer than `stall_limit` (10 s): a member whose loop stalls stays a member."""
FAST = FailureDetection(heartbeat_interval=0.2, suspect_after=1.5)
"""Finds a killed member within 3 s, and takes one that stalls for 2 s for dead."""


class HeartbeatMonitor:
    """The silence of every member, in time during which this process was awake.

    A process that slept for a minute has heard nobody for a minute: what it
    slept beyond two intervals does not count, and the first check after it
    suspects nobody new, for heartbeats may be waiting in its sockets.
    """

    def __init__(self, me: str, detection: FailureDetection) -> None:
        self._me = me
        self._detection = detection
        self._limit = 2 * detection.heartbeat_interval
        self._awake = 0.0
        self._checked_at: float | None = None
        self._heard_at: dict[str, float] = {}
        self.suspects: frozenset[str] = frozenset()

    def set_members(self, member_ids: Iterable[str]) -> None:
        """Watch these; one that never beats counts from the moment it is known."""
        others = set(member_ids) - {self._me}
        self._heard_at = {id: self._heard_at.get(id, self._awake) for id in others}
        self.suspects &= others

    def heard(self, member_id: str, now: float) -> None:
        """A heartbeat newer than all before has arrived, by whatever way."""
        if member_id in self._heard_at:
            self._heard_at[member_id] = self._awake_at(now)

    def check(self, now: float) -> frozenset[str]:
        """The members to suspect; call it every interval, `now` in monotonic seconds."""
        slept = self._checked_at is not None and now - self._checked_at > self._limit
        self._awake = self._awake_at(now)
        self._checked_at = now
        silent = frozenset(id for id in self._heard_at if self._is_silent(id))
        self.suspects = silent & self.suspects if slept else silent
        return self.suspects

    def silence(self, member_id: str) -> float:
        """Seconds of waking time since the member was heard."""
        return self._awake - self._heard_at.get(member_id, self._awake)

    def _awake_at(self, now: float) -> float:
        elapsed = 0.0 if self._checked_at is None else now - self._checked_at
        return self._awake + min(elapsed, self._limit)

    def _is_silent(self, member_id: str) -> bool:
        return self.silence(member_id) > self._detection.suspect_after


def condemned(
    members: Collection[str],
    suspects: Collection[str],
    votes: Mapping[str, Collection[str]],
) -> frozenset[str]:
    """The suspects that may be removed although the provider still lists them.

    `suspects` are this member's own, `votes` what each member said it suspects.
    All members that are not suspected must agree on a suspect, and they must be
    the majority, or the half with the lowest id: of two halves that cannot see
    each other only one may remove the other.
    """
    trusted = [member for member in members if member not in suspects]
    if not _is_decisive(trusted, members):
        return frozenset()
    agreed = frozenset(suspects) & frozenset(members)
    for member in trusted:
        agreed &= frozenset(votes.get(member, ()))
    return agreed


def _is_decisive(part: Collection[str], whole: Collection[str]) -> bool:
    if 2 * len(part) == len(whole):
        return bool(whole) and min(whole) in part
    return 2 * len(part) > len(whole)
