"""The base class of virtual actors."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from protoactor import Context, Timer
from protoactor_cluster.call import Call, current_call
from protoactor_cluster.contract import Contract
from protoactor_cluster.errors import GrainDefinitionError
from protoactor_cluster.identity import KIND, ClusterIdentity

if TYPE_CHECKING:
    from protoactor_cluster._grain_actor import GrainActor
    from protoactor_cluster.cluster import Cluster

__all__ = ["DEFAULT_IDLE_TIMEOUT", "Grain"]

DEFAULT_IDLE_TIMEOUT = 60.0


class Grain:
    """A virtual actor: its public async methods can be called from anywhere.

    It always exists: the first call activates it on some member, and after
    `idle_timeout` seconds without a call it is passivated (0: never). Methods
    run one at a time. `kind` is the class name unless given; a given kind is
    inherited by subclasses, a default one is not.

    >>> class Counter(Grain, idle_timeout=60.0):
    ...     async def add(self, amount: int) -> int: ...
    """

    __slots__ = ("__weakref__", "_actor")

    __kind__: ClassVar[str]
    __kind_given__: ClassVar[bool] = False
    __idle_timeout__: ClassVar[float] = DEFAULT_IDLE_TIMEOUT
    __contract__: ClassVar[Contract]

    _actor: GrainActor

    def __init_subclass__(
        cls, *, kind: str | None = None, idle_timeout: float | None = None
    ) -> None:
        super().__init_subclass__()
        if "__contract__" in vars(cls):
            return  # @dataclass(slots=True) makes the class twice, without options
        if idle_timeout is not None:
            cls.__idle_timeout__ = idle_timeout
        if kind is not None:
            cls.__kind_given__ = True
            cls.__kind__ = kind
        elif not cls.__kind_given__:
            cls.__kind__ = cls.__name__
        if not KIND.fullmatch(cls.__kind__):
            reason = (
                "a kind starts with a letter or _, then letters, digits, _, . and -"
            )
            raise GrainDefinitionError(cls.__qualname__, "kind", reason)
        cls.__contract__ = Contract.of(cls, Grain, sys._getframe(1).f_locals)

    @property
    def identity(self) -> ClusterIdentity:
        """Kind and name of this virtual actor."""
        return self._actor.identity

    @property
    def cluster(self) -> Cluster:
        """The cluster it lives in."""
        return self._actor.cluster

    @property
    def call(self) -> Call:
        """The call being answered; raises `LookupError` outside of one."""
        call = current_call.get()
        if call is None:
            raise LookupError("no call is being answered here")
        return call

    async def on_activate(self) -> None:
        """Runs before the first call; what it raises fails the activation."""

    async def on_deactivate(self) -> None:
        """Runs after the last call, when passivated, stopped or shut down."""

    async def on_message(self, context: Context) -> None:
        """Handles messages that are not calls of a method."""
        message = type(context.message).__qualname__
        raise NotImplementedError(f"{self.identity.kind} does not take a {message}")

    def every(self, seconds: float, method: Callable[[], Awaitable[None]]) -> Timer:
        """Run a method again and again until cancelled or deactivated.

        It runs in turns of its own, between calls, and does not keep the grain
        from being passivated.
        """
        return self._actor.every(seconds, method)
