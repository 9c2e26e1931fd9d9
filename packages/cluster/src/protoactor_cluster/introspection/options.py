"""What a member that lets tools look into it remembers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Introspection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Introspection:
    """Everything is bounded; the oldest is forgotten first."""

    slow_call: float = 0.1
    """Seconds; calls of this member that take longer are remembered."""
    slow_calls: int = 200
    events: int = 500
    """Changes of topology, hand-overs and what else happened to the member."""
    spans: int = 20_000
    """Finished spans, to show the tree of a slow call. With an OpenTelemetry SDK they
    are those that it samples; without one every call makes some. 0 keeps none."""

    def __post_init__(self) -> None:
        for name in ("slow_calls", "events"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.slow_call < 0 or self.spans < 0:
            raise ValueError("slow_call and spans must not be negative")

    @classmethod
    def read(cls, given: Introspection | bool) -> Introspection | None:
        """What a user passed; `None` is off."""
        if isinstance(given, cls):
            return given
        return cls() if given else None
