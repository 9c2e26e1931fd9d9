"""Lets operators look at the processes of other nodes, where that is switched on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from google.protobuf.message import DecodeError, Message

from protoactor import PID, ActorSystem, NotSent
from protoactor.wire import actor_pb2
from protoactor_remote._abilities import DIAGNOSTICS
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote._dialler import dial
from protoactor_remote._node import Node
from protoactor_remote._unary_call import unary_call
from protoactor_remote.transport import Refusal, StreamRefused
from protoactor_remote.wire import remote_pb2

__all__ = ["Diagnostics", "DiagnosticsClient"]

LONGEST_PATTERN = 1000


class Diagnostics:
    """Answers the two unary calls of the service."""

    def __init__(self, system: ActorSystem, core: CoreMessages, enabled: bool) -> None:
        self._system = system
        self._core = core
        self._enabled = enabled

    async def answer(self, method: str, request: bytes) -> bytes:
        """Raises `StreamRefused` unless the node was told to answer."""
        if not self._enabled:
            raise StreamRefused(
                Refusal.DISABLED, "diagnostics are off: RemoteOptions(diagnostics=True)"
            )
        try:
            if method == "ListProcesses":
                return self._list(remote_pb2.ListProcessesRequest.FromString(request))
            wanted = remote_pb2.GetProcessDiagnosticsRequest.FromString(request)
        except (DecodeError, re.error, ValueError) as error:
            raise StreamRefused(Refusal.PROTOCOL, str(error)) from error
        text = self._describe(wanted.pid.Id)
        response = remote_pb2.GetProcessDiagnosticsResponse(diagnostics_string=text)
        return response.SerializeToString()

    def _list(self, request: remote_pb2.ListProcessesRequest) -> bytes:
        fits = _matcher(request.pattern, request.type)
        registry = self._system.registry
        pids = [self._core.pid(registry.pid(id)) for id in registry.ids() if fits(id)]
        return remote_pb2.ListProcessesResponse(pids=pids).SerializeToString()

    def _describe(self, id: str) -> str:
        process = self._system.registry.local(id)
        if process is None:
            return f"no process {id!r} here"
        actor = cast(object, getattr(process, "actor", process))
        lines = [f"ActorType:{type(actor).__qualname__}"]
        diagnostics: Callable[[], str] | None = getattr(actor, "diagnostics", None)
        if callable(diagnostics):
            lines.append(str(diagnostics()))
        return "\n".join(lines)


def _matcher(pattern: str, kind: int) -> Callable[[str], bool]:
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a pattern of {len(pattern)} characters is too long")
    if kind == remote_pb2.MatchExactString:
        return lambda id: id == pattern
    if kind == remote_pb2.MatchRegex:
        expression = re.compile(pattern)
        return lambda id: expression.search(id) is not None
    lowered = pattern.lower()
    return lambda id: lowered in id.lower()


class DiagnosticsClient:
    """Asks another node, after making sure that it is one that answers."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def processes(self, address: str, pattern: str, timeout: float) -> list[PID]:
        """Raises what `Remote.call` does, `PeerBlocked`, or `NotSent`."""
        request = remote_pb2.ListProcessesRequest(pattern=pattern)
        response = await self._call(address, "ListProcesses", request, timeout)
        wire = remote_pb2.ListProcessesResponse.FromString(response)
        return [PID(pid.Address, pid.Id) for pid in wire.pids]

    async def describe(self, pid: PID, timeout: float) -> str:
        """Raises what `Remote.call` does, `PeerBlocked`, or `NotSent`."""
        wire = actor_pb2.PID(Address=pid.address, Id=pid.id)
        request = remote_pb2.GetProcessDiagnosticsRequest(pid=wire)
        response = await self._call(
            pid.address, "GetProcessDiagnostics", request, timeout
        )
        answer = remote_pb2.GetProcessDiagnosticsResponse.FromString(response)
        return answer.diagnostics_string

    async def _call(
        self, address: str, method: str, request: Message, timeout: float
    ) -> bytes:
        connection = await dial(self._node, address)
        await connection.stream.close()
        if DIAGNOSTICS not in connection.abilities.names:
            raise NotSent(f"{address} does not answer questions about its processes")
        data = request.SerializeToString()
        return await unary_call(self._node.transport, address, method, data, timeout)
