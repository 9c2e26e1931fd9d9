"""Asks members that let tools look into them."""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import Message

from protoactor_cluster.introspection._service import SERVICE
from protoactor_cluster.wire import introspection_pb2 as wire
from protoactor_remote import Remote

__all__ = ["Inspector"]

AnswerT = TypeVar("AnswerT", bound=Message)


class Inspector:
    """One question to one member each, by its address; `timeout` in seconds.

    They raise `NotOffered` where introspection is off, else what `Remote.call` does.
    """

    def __init__(self, remote: Remote, *, timeout: float = 5.0) -> None:
        self._remote = remote
        self._timeout = timeout

    async def report(self, address: str) -> wire.Report:
        """The member about itself."""
        return await self._ask(address, "Report", wire.ReportRequest(), wire.Report)

    async def news(self, address: str, events: int, calls: int) -> wire.Report:
        """The same with events and slow calls, after those with these numbers."""
        request = wire.ReportRequest(
            with_news=True, events_after=events, calls_after=calls
        )
        return await self._ask(address, "Report", request, wire.Report)

    async def activations(
        self,
        address: str,
        *,
        kind: str = "",
        contains: str = "",
        after: int = 0,
        limit: int = 100,
    ) -> wire.Activations:
        """A page of what lives there; `next` of one page is `after` of the next."""
        request = wire.ActivationsRequest(
            kind=kind, contains=contains, after=after, limit=limit
        )
        return await self._ask(address, "Activations", request, wire.Activations)

    async def explain(self, address: str, kind: str, name: str) -> wire.Explanation:
        """What the member knows of an identity."""
        request = wire.ExplainRequest(kind=kind, name=name)
        return await self._ask(address, "Explain", request, wire.Explanation)

    async def history(self, address: str, after: int = 0) -> wire.History:
        """What happened to the member, after the event with this number."""
        request = wire.HistoryRequest(after=after)
        return await self._ask(address, "History", request, wire.History)

    async def slow_calls(self, address: str, after: int = 0) -> wire.SlowCalls:
        """Calls of the member that took long, after the one with this number."""
        request = wire.SlowCallsRequest(after=after)
        return await self._ask(address, "SlowCalls", request, wire.SlowCalls)

    async def spans(self, address: str, trace_id: str) -> wire.Spans:
        """The part of a trace that happened there."""
        request = wire.SpansRequest(trace_id=trace_id)
        return await self._ask(address, "Spans", request, wire.Spans)

    async def leave(self, address: str) -> None:
        """Ask the member to leave gracefully; it has not left yet on return."""
        request = wire.LeaveRequest()
        await self._ask(address, "Leave", request, wire.LeaveResponse)

    async def _ask(
        self, address: str, method: str, request: Message, answer: type[AnswerT]
    ) -> AnswerT:
        path, data = f"{SERVICE}/{method}", request.SerializeToString()
        response = await self._remote.call(address, path, data, timeout=self._timeout)
        return answer.FromString(response)
