"""Runs the methods of one activation and answers their callers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any

from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind

from protoactor import Context
from protoactor_cluster import telemetry
from protoactor_cluster._interleaving import Interleaving
from protoactor_cluster._method import Method
from protoactor_cluster._method_messages import AnyCall
from protoactor_cluster._reply import failure_reply
from protoactor_cluster._spans import end
from protoactor_cluster._streams import LONGEST_WAIT, OutgoingStreams
from protoactor_cluster._trace_headers import is_unsampled
from protoactor_cluster.call import Call, current_call
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
        self._spans = cluster.spans
        self._identity = identity
        self._grain = grain
        self._contract = grain.__contract__
        self._tasks = Interleaving() if self._contract.interleaves else None
        self._streams = OutgoingStreams()
        self._answered: OrderedDict[str, asyncio.Future[object]] = OrderedDict()

    @property
    def busy(self) -> bool:
        """Whether a method runs, or somebody still reads a stream."""
        return self._tasks is not None and self._tasks.busy

    @property
    def in_turn(self) -> bool:
        """Whether everything happens in the turn of its message."""
        return self._tasks is None

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

    def answer(
        self,
        context: Context,
        message: AnyCall | grain_pb2.GrainRequest,
    ) -> Coroutine[Any, Any, None] | None:
        """Run the method; what is returned has to be awaited in the actor's turn."""
        call = Call.of(self._identity, context)
        if isinstance(message, grain_pb2.GrainRequest):
            method = self._contract.by_index.get(message.method_index)
            name, data = f"#{message.method_index}", message.message_data
        else:
            name, data = message.method, message.arguments
            method = self._contract.by_wire_name.get(name)
        if method is None:
            text = f"{self._identity.kind} has no method {name}"
            self._respond(context, call, _refusal("UNIMPLEMENTED", text))
            return None
        if call.idempotency_key is None:
            work = self._run(context, call, method, data, None)
        else:
            work = self._run_once(context, call, method, data)
        if self._tasks is None:
            return work
        reentrant = method.options.reentrant or method.streaming
        self._tasks.start(work, reentrant=reentrant)
        return None

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

    async def _run_once(
        self, context: Context, call: Call, method: Method, data: bytes
    ) -> None:
        """Run the method and answer, unless a call with the same key did the first."""
        key = call.idempotency_key or ""
        known = self._answered.get(key)
        if known is None:
            known = self._answered[key] = asyncio.get_running_loop().create_future()
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
            await self._run(context, call, method, data, known)
        self._respond(context, call, await asyncio.shield(known))

    async def _run(
        self,
        context: Context,
        call: Call,
        method: Method,
        data: bytes,
        known: asyncio.Future[object] | None,
    ) -> None:
        """Run the method; the answer goes to the caller, or to `known` if it is given."""
        try:
            arguments = method.decode_call(data)
        except Exception as error:
            refusal = _refusal("INVALID_ARGUMENT", f"{method}: {error}")
            if known is not None:
                known.set_result(refusal)
            else:
                self._respond(context, call, refusal)
            return
        recording = self._spans.recording()
        sampled = recording and not is_unsampled(call.headers)
        span = self._start_span(call, method) if sampled else None
        origin = self._spans.origin(call.headers, span) if recording else None
        entered = None if origin is None else attach(origin)
        token = current_call.set(call)
        problem: BaseException | None = None
        try:
            function = getattr(self._grain, method.attribute)
            if method.streaming:
                values = function(**arguments)
                reply = await self._first_chunk(context, call, method, values)
            else:
                reply = method.encode_result(await function(**arguments))
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            problem = error
            reply = failure_reply(error, "CANCELLED")
        except Exception as error:
            problem = error
            reply = failure_reply(error)
        finally:
            current_call.reset(token)
            if entered is not None:
                detach(entered)
            if span is not None:
                end(span, problem)
        if known is not None:
            known.set_result(reply)
        elif call.sender is not None:
            context.send(call.sender, reply)

    def _start_span(self, call: Call, method: Method) -> Span | None:
        return self._spans.start(
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

    async def _first_chunk(
        self, context: Context, call: Call, method: Method, values: AsyncIterator[Any]
    ) -> object:
        stream_id = self._streams.open(method, values, call)
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

    def _respond(self, context: Context, call: Call, reply: object) -> None:
        if call.sender is not None:
            context.send(call.sender, reply)


def _refusal(reason: str, text: str) -> grain_pb2.GrainErrorResponse:
    return grain_pb2.GrainErrorResponse(reason=reason, message=text)
