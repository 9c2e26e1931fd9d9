"""The actor that hosts one activation of a grain."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message
from opentelemetry.trace import SpanKind

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
from protoactor_cluster import telemetry
from protoactor_cluster._activation import Activated, ActivationFault
from protoactor_cluster._reply import failure_reply
from protoactor_cluster.call import Call, current_call
from protoactor_cluster.contract import Method
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import grain_pb2, method_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster
    from protoactor_cluster.kind import Kind

__all__ = ["GrainActor"]

logger = logging.getLogger("protoactor.cluster.grain")
REMEMBERED_CALLS = 1000


@dataclass(frozen=True, slots=True)
class Tick(NotInfluenceReceiveTimeout):
    """Time to run a method that `every` scheduled."""

    method: Callable[[], Awaitable[None]]


class GrainActor(Actor):
    """Turns messages into method calls, one at a time."""

    def __init__(self, cluster: Cluster, kind: Kind, identity: ClusterIdentity) -> None:
        assert kind.create is not None
        self.cluster = cluster
        self.identity = identity
        self._idle_timeout = kind.idle_timeout
        self._grain = kind.create()
        self._grain._actor = self
        self._contract = self._grain.__contract__
        self._context: Context | None = None
        self._answered: OrderedDict[str, Message] = OrderedDict()

    async def receive(self, context: Context) -> None:
        message: Any = context.message
        if isinstance(message, method_pb2.MethodCall):
            method = self._contract.by_wire_name.get(message.method)
            await self._answer(context, method, message.method, message.arguments)
        elif isinstance(message, grain_pb2.GrainRequest):
            index = message.method_index
            method = self._contract.by_index.get(index)
            await self._answer(context, method, f"#{index}", message.message_data)
        elif isinstance(message, Tick):
            await self._tick(message)
        else:
            await self._receive_other(context)

    def every(self, seconds: float, method: Callable[[], Awaitable[None]]) -> Timer:
        if self._context is None:
            raise RuntimeError(
                "timers need an activated grain: start them in on_activate"
            )
        tick = Tick(method)
        scheduler = self._context.scheduler
        return scheduler.send_repeatedly(seconds, seconds, self._context.self, tick)

    # -- calls -------------------------------------------------------------

    async def _answer(
        self, context: Context, method: Method | None, name: str, data: bytes
    ) -> None:
        key = context.headers.get("protoactor-idempotency-key")
        if key is not None and key in self._answered:
            context.respond(self._answered[key])
            return
        if method is None:
            text = f"{self.identity.kind} has no method {name}"
            reply: Message = grain_pb2.GrainErrorResponse(
                reason="UNIMPLEMENTED", message=text
            )
        else:
            reply = await self._run(context, method, data)
        if key is not None:
            self._remember(key, reply)
        if context.sender is not None:
            context.respond(reply)

    async def _run(self, context: Context, method: Method, data: bytes) -> Message:
        try:
            arguments = method.decode_call(data)
        except Exception as error:
            return grain_pb2.GrainErrorResponse(
                reason="INVALID_ARGUMENT",
                message=f"{method}: {error}",
                metadata={"argument": "arguments"},
            )
        span = self.cluster.spans.start(
            telemetry.GRAIN_HANDLE,
            headers=context.headers,
            attributes={
                telemetry.IDENTITY: str(self.identity),
                telemetry.KIND: self.identity.kind,
                telemetry.METHOD: method.attribute,
                telemetry.MEMBER: self.cluster.member_id,
            },
            kind=SpanKind.SERVER,
        )
        token = current_call.set(self._call(context))
        problem: BaseException | None = None
        try:
            with self.cluster.spans.activate(span):
                result = await getattr(self._grain, method.attribute)(**arguments)
            return method.encode_result(result)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            problem = error
            return failure_reply(error, "CANCELLED")
        except Exception as error:
            problem = error
            return failure_reply(error)
        finally:
            current_call.reset(token)
            telemetry.end(span, problem)

    def _call(self, context: Context) -> Call:
        envelope = context.envelope
        deadline = envelope.deadline if envelope else None
        return Call(self.identity, context.sender, context.headers, deadline)

    def _remember(self, key: str, reply: Message) -> None:
        self._answered[key] = reply
        if len(self._answered) > REMEMBERED_CALLS:
            self._answered.popitem(last=False)

    # -- lifecycle -----------------------------------------------------------

    async def _receive_other(self, context: Context) -> None:
        match context.message:
            case Started():
                await self._activate(context)
            case ReceiveTimeout():
                context.poison(context.self)
            case Stopping() | Restarting():
                await self._grain.on_deactivate()
            case Stopped():
                self._context = None
            case _:
                await self._receive_plain(context)

    async def _activate(self, context: Context) -> None:
        self._context = context
        try:
            await self._grain.on_activate()
        except Exception as error:
            logger.warning("%s could not be activated", self.identity, exc_info=error)
            reason = f"on_activate raised {type(error).__qualname__}: {error}"
            self._tell_placement(context, ActivationFault(context.self, reason))
            context.stop(context.self)
            return
        context.set_receive_timeout(self._idle_timeout)
        self._tell_placement(context, Activated(context.self))

    def _tell_placement(
        self, context: Context, news: Activated | ActivationFault
    ) -> None:
        if context.parent is not None:
            context.send(context.parent, news)

    async def _receive_plain(self, context: Context) -> None:
        token = current_call.set(self._call(context))
        try:
            await self._grain.on_message(context)
        except Exception as error:
            logger.warning("%s failed on a message", self.identity, exc_info=error)
            if context.sender is not None:
                context.respond(failure_reply(error))
        finally:
            current_call.reset(token)

    async def _tick(self, tick: Tick) -> None:
        try:
            await tick.method()
        except Exception as error:
            logger.warning("a timer of %s failed", self.identity, exc_info=error)
