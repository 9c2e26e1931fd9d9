"""Which virtual actors a member hosts, and how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from protoactor import Props
from protoactor_cluster.grain import DEFAULT_IDLE_TIMEOUT, Grain
from protoactor_cluster.identity import KIND, ClusterIdentity
from protoactor_cluster.strategies import MemberStrategy, RoundRobin

__all__ = ["Hostable", "Kind"]


Predicate: TypeAlias = Callable[[ClusterIdentity], bool | Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A name, the actor behind it, and after how many idle seconds it passivates."""

    name: str
    props: Props | None = None
    """A plain actor; `None` for grains, see `Kind.of`."""
    idle_timeout: float = DEFAULT_IDLE_TIMEOUT
    """Seconds; 0 means never."""
    grain: type[Grain] | None = None
    create: Callable[[], Grain] | None = None
    strategy: Callable[[], MemberStrategy] = RoundRobin
    consistency: str = "fast"
    can_activate: Predicate | None = None
    """Asked before an identity is activated; `False` refuses it: `IdentityBlocked`."""

    def __post_init__(self) -> None:
        if not KIND.fullmatch(self.name):
            raise ValueError(
                f"kind {self.name!r}: a kind starts with a letter or _, "
                "then letters, digits, _, . and -"
            )
        if self.idle_timeout < 0:
            raise ValueError(f"kind {self.name}: idle_timeout must not be negative")
        if (self.props is None) == (self.create is None):
            raise ValueError(
                f"kind {self.name}: give props, or use Kind.of(GrainClass)"
            )

    @classmethod
    def of(
        cls,
        grain: type[Grain],
        *,
        create: Callable[[], Grain] | None = None,
        idle_timeout: float | None = None,
        strategy: Callable[[], MemberStrategy] = RoundRobin,
        consistency: str = "fast",
        can_activate: Predicate | None = None,
    ) -> Kind:
        """A grain class; `create` makes its instances (default: the class itself)."""
        idle = grain.__idle_timeout__ if idle_timeout is None else idle_timeout
        return cls(
            grain.__kind__,
            idle_timeout=idle,
            grain=grain,
            create=create or grain,
            strategy=strategy,
            consistency=consistency,
            can_activate=can_activate,
        )

    @classmethod
    def read(cls, hostable: Hostable) -> Kind:
        """`hostable` itself if it is a kind, else `Kind.of` it."""
        if isinstance(hostable, Kind):
            return hostable
        if hasattr(hostable, "__contract__"):
            return cls.of(hostable)
        raise TypeError(
            f"kinds= takes Grain classes and Kind objects, not {hostable!r}"
        )


Hostable: TypeAlias = Kind | type[Grain]
"""What `kinds=` accepts."""
