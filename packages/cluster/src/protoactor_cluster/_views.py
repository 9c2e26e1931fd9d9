"""What a provider yields, checked before anybody relies on it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from protoactor_cluster.provider import Member, MembershipView

__all__ = ["fault_of"]

FIELDS = {"id": str, "host": str, "port": int, "kinds": frozenset, "metadata": tuple}


def fault_of(view: object) -> str | None:
    """Why this is no view that a provider may yield; `None` if it is one."""
    if not isinstance(view, MembershipView):
        return f"a {type(view).__qualname__} is no MembershipView"
    members: Any = view.members  # whatever its annotation promises
    if not isinstance(members, tuple):
        return f"members is a {type(members).__qualname__}, not a tuple"
    for member in view.members:
        if reason := _member_fault(member):
            return f"{member!r}: {reason}"
    ids = Counter(member.id for member in view.members)
    doubles = [id for id, count in ids.items() if count > 1]
    return f"{doubles} are listed twice" if doubles else None


def _member_fault(member: object) -> str | None:
    if not isinstance(member, Member):
        return "not a Member"
    for name, wanted in FIELDS.items():
        if not isinstance(getattr(member, name), wanted):
            return f"its {name} must be a {wanted.__name__}"
    if not member.id or not member.host:
        return "its id and host must not be empty"
    if not 0 < member.port < 65536:
        return "its port must be from 1 to 65535"
    if not all(map(_is_text, member.kinds)):
        return "its kinds must be str"
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str)
