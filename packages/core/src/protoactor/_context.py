"""What a handler can do, as small protocols."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from protoactor._envelope import Envelope
from protoactor._pid import PID
from protoactor._props import Spawnable
from protoactor.messages import Request

if TYPE_CHECKING:
    import asyncio

    from protoactor._actor import Actor
    from protoactor._scheduler import Scheduler
    from protoactor._system import ActorSystem

__all__ = ["Context", "Sender", "Spawner", "Stopper"]

R = TypeVar("R")
T = TypeVar("T")


class Sender(Protocol):
    """Sends messages to PIDs."""

    def send(
        self,
        target: PID,
        message: object,
        *,
        sender: PID | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Enqueue a message: at most once, in order per target, never blocking."""
        ...

    @overload
    async def request(
        self,
        target: PID,
        message: Request[R],
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[R],
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        target: PID,
        message: object,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object: ...

    async def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """Send and wait for the reply, at most `timeout` seconds (default 5.0).

        Raises `NotDelivered` if it certainly did not run, `OutcomeUnknown` if it
        may have, `HandlerFailed` if the handler raised, `UnexpectedReply` if the
        reply is not a `returns`. Inside a handler the deadline of the message
        being handled is never exceeded.
        """
        ...


class Spawner(Protocol):
    """Starts actors."""

    def spawn(self, actor: Spawnable) -> PID:
        """Start an actor under a generated name."""
        ...

    def spawn_prefix(self, actor: Spawnable, prefix: str) -> PID:
        """Start an actor under `prefix` and a generated ending."""
        ...

    def spawn_named(self, actor: Spawnable, name: str) -> PID:
        """Start an actor under this name; raises `NameTaken`."""
        ...


class Stopper(Protocol):
    """Ends actors. The calls act at once; await them to wait until it is gone."""

    def stop(self, target: PID) -> asyncio.Future[None]:
        """Stop after the current message, ahead of queued ones."""
        ...

    def poison(self, target: PID) -> asyncio.Future[None]:
        """Stop after the messages that are queued now."""
        ...


class Context(Sender, Spawner, Stopper, Protocol):
    """An actor's view of itself, of the message at hand and of the system."""

    @property
    def system(self) -> ActorSystem: ...

    @property
    def actor(self) -> Actor:
        """The actor itself: its current incarnation."""
        ...

    @property
    def self(self) -> PID:
        """The actor's own PID."""
        ...

    @property
    def parent(self) -> PID | None:
        """Who spawned it; `None` for actors spawned by the system."""
        ...

    @property
    def children(self) -> Sequence[PID]:
        """The children that live now."""
        ...

    @property
    def message(self) -> Any:
        """The message being handled."""
        ...

    @property
    def envelope(self) -> Envelope | None:
        """What travelled with the message, if anything did."""
        ...

    @property
    def sender(self) -> PID | None:
        """Who asked; `None` if nobody waits for a reply."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the message being handled."""
        ...

    @property
    def remaining(self) -> float | None:
        """Seconds until nobody waits for the reply any more; `None`: no deadline."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether a stop has been asked for; long handlers may end early."""
        ...

    @property
    def scheduler(self) -> Scheduler:
        """Timers that end with this actor."""
        ...

    @property
    def store(self) -> dict[type, Any]:
        """Typed values that middleware and extensions keep with this actor."""
        ...

    def respond(
        self, message: object, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer the sender; without one the answer is a dead letter."""
        ...

    def forward(self, target: PID) -> None:
        """Pass the message on with its sender and headers."""
        ...

    def watch(self, target: PID) -> None:
        """Receive `Terminated` when `target` stops, or at once if it has."""
        ...

    def unwatch(self, target: PID) -> None:
        """Undo `watch`; a `Terminated` under way may still arrive."""
        ...

    def stash(self) -> None:
        """Set the message aside with its sender, until `unstash_all` or a restart."""
        ...

    def unstash_all(self) -> None:
        """Handle what was stashed, oldest first, before anything queued."""
        ...

    def reenter_after(
        self,
        awaitable: Awaitable[T],
        callback: Callable[[asyncio.Future[T]], Awaitable[None] | None],
    ) -> None:
        """Go on with other messages; run `callback` in a turn of its own later.

        The callback gets the finished future and sees the current message again.
        It is dropped if the actor was restarted or stopped meanwhile.
        """
        ...

    def request_reenter(
        self,
        target: PID,
        message: object,
        callback: Callable[[asyncio.Future[Any]], Awaitable[None] | None],
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`request`, which is sent at once, then `reenter_after` with its outcome."""
        ...

    def set_receive_timeout(self, seconds: float) -> None:
        """Receive `ReceiveTimeout` whenever idle for `seconds`; 0 turns it off."""
        ...

    def receive(self, envelope: Envelope) -> Awaitable[None]:
        """Handle another message within this turn."""
        ...
