"""The names that generated contracts import, as the real package defines them.

Only for as long as the real package cannot be imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

__all__ = ["Grain", "GrainError", "rpc"]

F = TypeVar("F", bound=Callable[..., Any])
OPTIONS = "__protoactor_rpc__"


@dataclass(frozen=True, slots=True)
class RpcOptions:
    index: int | None = None
    name: str | None = None
    idempotent: bool = False
    timeout: float | None = None
    reentrant: bool = False


class Grain:
    __kind__: ClassVar[str]

    def __init_subclass__(
        cls, *, kind: str | None = None, idle_timeout: float | None = None
    ) -> None:
        if kind is not None:
            cls.__kind__ = kind


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
    options = RpcOptions(index, name, idempotent, timeout, reentrant)

    def note(function: F) -> F:
        setattr(function, OPTIONS, options)
        return function

    return note
