"""The names that generated contracts import, with the real ones' signatures.

`rpc` leaves its arguments on the function, for tests to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

__all__ = ["Grain", "GrainError", "rpc"]

F = TypeVar("F", bound=Callable[..., Any])


class Grain:
    kind: str

    def __init_subclass__(
        cls, *, kind: str | None = None, idle_timeout: float = 60.0
    ) -> None:
        if kind is not None:
            cls.kind = kind


class GrainError(Exception):
    def __init__(
        self, reason: str, message: str = "", metadata: Mapping[str, str] | None = None
    ) -> None:
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        super().__init__(reason, message)


def rpc(
    *,
    index: int | None = None,
    name: str | None = None,
    idempotent: bool = False,
    timeout: float | None = None,
    reentrant: bool = False,
) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        settings = (index, name, idempotent, timeout, reentrant)
        function.__dict__["rpc"] = settings
        return function

    return decorate
