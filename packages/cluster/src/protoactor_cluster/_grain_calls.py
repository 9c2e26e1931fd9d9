"""Runs the methods of one activation and answers their callers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message
from opentelemetry.trace import Span, SpanKind

from protoactor import Context
from protoactor_cluster import telemetry
from protoactor_cluster._interleaving import Interleaving
from protoactor_cluster._reply import failure_reply
from protoactor_cluster._spans import end
from protoactor_cluster._streams import LONGEST_WAIT, OutgoingStreams
from protoactor_cluster.call import Call, current_call
from protoactor_cluster.contract import Method
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import grain_pb2, method_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster
    from protoactor_cluster.grain import Grain

__all__ = ["GrainCalls"]

REMEMBERED = 1000
"""Idempotency keys per activation."""


class GrainCalls:
    """One call at a time, in the actor's own turn.

    A grain with reentrant or streaming methods has its calls run as tasks
    instead, so that those can run while another method waits.
    """

    def __init__(
        self, cluster: Cluster, identity: ClusterIdentity, grain: Grain
    ) -> None:
        self._cluster = cluster
        self._identity = identity
        self._grain = grain
        self._contract = grain.__contract__
        self._tasks = Interleaving() if self._contract.interleaves else None
        self._streams = OutgoingStreams()
        self._answered: OrderedDict[str, asyncio.Future[Message]] = OrderedDict()

    @property
    def busy(self) -> bool:
        """Whether a method runs, or somebody still reads a stream."""
        return self._tasks is not None and self._tasks.busy

    async def finish(self) -> None:
        """Let what runs come to its end; streams are cancelled."""
        await self._streams.close()
        if self._tasks is not None:
            await self._tasks.finish()

    async def run_in_turn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that must not overlap with ordinary methods."""
        if self._tasks is None:
            await work
        else:
            self._tasks.start(work, reentrant=False)

    async def answer(
        self,
        context: Context,
        message: method_pb2.MethodCall | grain_pb2.GrainRequest,
    ) -> None:
        call = Call.of(self._identity, context)
        if isinstance(message, method_pb2.MethodCall):
            method = self._contract.by_wire_name.get(message.method)
            name, data = message.method, message.arguments
        else:
            method = self._contract.by_index.get(message.method_index)
            name, data = f"#{message.method_index}", message.message_data
        if method is None:
            text = f"{self._identity.kind} has no method {name}"
            self._respond(context, call, _refusal("UNIMPLEMENTED", text))
        elif self._tasks is None:
            await self._answer(context, call, method, data)
        else:
            work = self._answer(context, call, method, data)
            reentrant = method.options.reentrant or method.streaming
            self._tasks.start(work, reentrant=reentrant)

    def follow_stream(
        self,
        context: Context,
        message: method_pb2.StreamNext | method_pb2.StreamCancel,
    ) -> None:
        call = Call.of(self._identity, context)
        if isinstance(message, method_pb2.StreamCancel):
            work = self._streams.cancel(message.stream_id)
        else:
            work = self._next_chunk(context, call, message.stream_id)
        if self._tasks is None:
            work.close()  # a grain without streams: nobody has opened one here
        else:
            self._tasks.start(work, reentrant=True)

    async def _answer(
        self, context: Context, call: Call, method: Method, data: bytes
    ) -> None:
        key = call.idempotency_key
        if key is None:
            self._respond(context, call, await self._run(context, call, method, data))
            return
        known = self._answered.get(key)
        if known is None:
            known = self._answered[key] = asyncio.get_running_loop().create_future()
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
            known.set_result(await self._run(context, call, method, data))
        self._respond(context, call, await asyncio.shield(known))

    async def _run(
        self, context: Context, call: Call, method: Method, data: bytes
    ) -> Message:
        try:
            arguments = method.decode_call(data)
        except Exception as error:
            return _refusal("INVALID_ARGUMENT", f"{method}: {error}")
        recording = self._cluster.spans.recording
        span = self._start_span(call, method) if recording else None
        token = current_call.set(call)
        problem: BaseException | None = None
        try:
            if not recording:
                return await self._invoke(context, call, method, arguments)
            with self._cluster.spans.enter(call.headers, span):
                return await self._invoke(context, call, method, arguments)
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
            end(span, problem)

    def _start_span(self, call: Call, method: Method) -> Span | None:
        return self._cluster.spans.start(
            telemetry.GRAIN_HANDLE,
            headers=call.headers,
            attributes={
                telemetry.IDENTITY: str(self._identity),
                telemetry.KIND: self._identity.kind,
                telemetry.METHOD: method.attribute,
                telemetry.MEMBER: self._cluster.member_id,
            },
            kind=SpanKind.SERVER,
        )

    async def _invoke(
        self, context: Context, call: Call, method: Method, arguments: dict[str, Any]
    ) -> Message:
        function = getattr(self._grain, method.attribute)
        if not method.streaming:
            return method.encode_result(await function(**arguments))
        stream_id = self._streams.open(method, function(**arguments), call)
        return await self._streams.take(stream_id, context.self, self._patience(call))

    async def _next_chunk(self, context: Context, call: Call, stream_id: str) -> None:
        wait = self._patience(call)
        chunk = await self._streams.take(stream_id, context.self, wait)
        self._respond(context, call, chunk)

    def _patience(self, call: Call) -> float:
        """How long to wait for a stream's next value: the caller must hear in time."""
        if call.deadline is None:
            return LONGEST_WAIT
        return max((call.deadline - self._cluster.system.loop.time()) / 2, 0.0)

    def _respond(self, context: Context, call: Call, reply: Message) -> None:
        if call.sender is not None:
            context.send(call.sender, reply)


def _refusal(reason: str, text: str) -> grain_pb2.GrainErrorResponse:
    return grain_pb2.GrainErrorResponse(reason=reason, message=text)
