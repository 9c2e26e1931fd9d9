"""The actor that hosts one activation of a grain."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from opentelemetry import trace

from protoactor import (
    Actor,
    Context,
    NotInfluenceReceiveTimeout,
    ReceiveTimeout,
    Restarting,
    Started,
    Stopped,
    Stopping,
    Timer,
)
from protoactor_cluster._activation import Activated, ActivationFault
from protoactor_cluster._grain_calls import GrainCalls
from protoactor_cluster._later_context import LaterContext
from protoactor_cluster._lifespan import Ending, Lifespan
from protoactor_cluster._method_messages import MethodCall
from protoactor_cluster._plain_calls import PlainCalls
from protoactor_cluster._reply import failure_reply
from protoactor_cluster._spans import fail
from protoactor_cluster.call import Call, current_call
from protoactor_cluster.logs import about
from protoactor_cluster.wire import grain_pb2, method_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster
    from protoactor_cluster.kind import Kind

__all__ = ["GrainActor"]

CALLS = frozenset((MethodCall, method_pb2.MethodCall, grain_pb2.GrainRequest))
logger = logging.getLogger("protoactor.cluster.grain")


@dataclass(frozen=True, slots=True)
class Tick(NotInfluenceReceiveTimeout):
    """Time to run a method that `every` scheduled."""

    method: Callable[[], Awaitable[None]]


class GrainActor(Actor):
    """Gives messages to the methods of a grain, and the grain its life."""

    def __init__(self, cluster: Cluster, kind: Kind, lifespan: Lifespan) -> None:
        assert kind.create is not None
        self.cluster = cluster
        self.identity = lifespan.identity
        self._lifespan = lifespan
        self._idle_timeout = kind.idle_timeout
        self._grain = kind.create()
        self._grain._actor = self
        self._calls = GrainCalls(cluster, self.identity, self._grain)
        self._others = PlainCalls(cluster, self.identity, self._receive_plain)
        self._context: Context | None = None

    def receive(self, context: Context) -> Awaitable[None] | None:
        message: Any = context.message
        kind: type[Any] = message.__class__
        if kind in CALLS:
            return self._calls.answer(context, message)
        match message:
            case method_pb2.StreamNext() | method_pb2.StreamCancel():
                self._calls.follow_stream(context, message)
                return None
            case Tick():
                return self._calls.run_in_turn(self._tick(message))
            case _:
                return self._receive_other(context)

    def every(self, seconds: float, method: Callable[[], Awaitable[None]]) -> Timer:
        if self._context is None:
            raise RuntimeError(
                "timers need an activated grain: start them in on_activate"
            )
        tick = Tick(method)
        scheduler = self._context.scheduler
        return scheduler.send_repeatedly(seconds, seconds, self._context.self, tick)

    async def _receive_other(self, context: Context) -> None:
        match context.message:
            case Started():
                await self._activate(context)
            case ReceiveTimeout():
                if not self._calls.busy:
                    self._lifespan.ending = Ending.PASSIVATED
                    context.poison(context.self)
            case Stopping() | Restarting():
                await self._calls.finish()
                await self._grain.on_deactivate()
            case Stopped():
                self._context = None
            case _:
                kept = context if self._calls.in_turn else self._later(context)
                await self._calls.run_in_turn(self._others.traced(kept))

    async def _activate(self, context: Context) -> None:
        self._context = context
        try:
            await self._grain.on_activate()
        except Exception as error:
            logger.warning("%s could not be activated", self.identity, exc_info=error)
            reason = f"on_activate raised {type(error).__qualname__}: {error}"
            self._tell_placement(context, ActivationFault(context.self, reason))
            return
        context.set_receive_timeout(self._idle_timeout)
        self._tell_placement(context, Activated(context.self))

    def _tell_placement(
        self, context: Context, news: Activated | ActivationFault
    ) -> None:
        if context.parent is not None:
            context.send(context.parent, news)

    @staticmethod
    def _later(context: Context) -> Context:
        return cast(Context, LaterContext(context))

    async def _receive_plain(self, context: Context) -> None:
        token = current_call.set(Call.of(self.identity, context))
        try:
            await self._grain.on_message(context)
        except Exception as error:
            logger.warning("%s failed on a message", self.identity, exc_info=error)
            fail(trace.get_current_span(), error)
            if context.sender is not None:
                context.respond(failure_reply(error))
        finally:
            current_call.reset(token)

    async def _tick(self, tick: Tick) -> None:
        try:
            await tick.method()
        except Exception as error:
            logger.warning(
                "a timer of %s failed",
                self.identity,
                exc_info=error,
                extra=about(self.identity),
            )
