"""What a provider yields, checked before anybody relies on it."""

from __future__ import annotations

from collections import Counter

from protoactor_cluster.provider import Member, MembershipView

__all__ = ["fault_of"]


def fault_of(view: object) -> str | None:
    """Why this is no view that a provider may yield; `None` if it is one."""
    if not isinstance(view, MembershipView):
        return f"a {type(view).__qualname__} is no MembershipView"
    if not isinstance(view.members, tuple):
        return f"members is a {type(view.members).__qualname__}, not a tuple"
    for member in view.members:
        if reason := _member_fault(member):
            return f"{member!r}: {reason}"
    ids = Counter(member.id for member in view.members)
    doubles = [id for id, count in ids.items() if count > 1]
    return f"{doubles} are listed twice" if doubles else None


def _member_fault(member: object) -> str | None:
    if not isinstance(member, Member):
        return "not a Member"
    if not isinstance(member.id, str) or not member.id:
        return "its id must be a str, and not empty"
    if not isinstance(member.host, str) or not member.host:
        return "its host must be a str, and not empty"
    if not isinstance(member.port, int) or not 0 < member.port < 65536:
        return "its port must be an int from 1 to 65535"
    if not isinstance(member.kinds, frozenset):
        return "its kinds must be a frozenset of str"
    if not all(isinstance(kind, str) for kind in member.kinds):
        return "its kinds must be a frozenset of str"
    return None
