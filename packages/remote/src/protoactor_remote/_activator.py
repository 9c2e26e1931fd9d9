"""Spawns actors on behalf of other nodes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import IntEnum

from protoactor import PID, Actor, Context, NameTaken, Props
from protoactor_remote._bounded_log import BoundedLog
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote._statistics import RemoteStatistics
from protoactor_remote.errors import SpawnRefused
from protoactor_remote.wire.remote_pb2 import ActorPidRequest, ActorPidResponse

__all__ = ["ACTIVATOR", "Activator", "SpawnStatus"]

ACTIVATOR = "activator"
"""The id under which every node is asked to spawn."""
PREFIX = "Remote$"
FAILED_SPAWNS = "spawns for other nodes that failed"


class SpawnStatus(IntEnum):
    """protoactor-go's answers to a request to spawn."""

    OK = 0
    UNAVAILABLE = 1
    TIMEOUT = 2
    NAME_TAKEN = 3
    ERROR = 4
    DEAD_LETTER = 5


class Activator(Actor):
    """The parent of what was spawned remotely. It never fails: that would stop them."""

    def __init__(
        self,
        kinds: Mapping[str, Props],
        core: CoreMessages,
        statistics: RemoteStatistics,
        log: BoundedLog,
    ) -> None:
        self._kinds = kinds
        self._core = core
        self._statistics = statistics
        self._log = log

    def receive(self, context: Context) -> None:
        match context.message:
            case ActorPidRequest() as request:
                context.respond(self._answer(context, request))
            case _:
                pass

    def _answer(self, context: Context, request: ActorPidRequest) -> ActorPidResponse:
        props = self._kinds.get(request.kind)
        if props is None:
            self._log.warning(FAILED_SPAWNS, "the kind %r is unknown", request.kind)
            return ActorPidResponse(status_code=SpawnStatus.ERROR)
        try:
            pid = self._spawn(context, props, request.name)
        except NameTaken as error:
            return self._response(error.pid, SpawnStatus.NAME_TAKEN)
        except SpawnRefused as error:
            return ActorPidResponse(status_code=error.code)
        except Exception:
            self._log.write(
                logging.ERROR, FAILED_SPAWNS, "a %r raised", request.kind, trace=True
            )
            return ActorPidResponse(status_code=SpawnStatus.ERROR)
        self._statistics.spawned += 1
        return self._response(pid, SpawnStatus.OK)

    @staticmethod
    def _spawn(context: Context, props: Props, name: str) -> PID:
        if name:
            return context.spawn_named(props, PREFIX + name)
        return context.spawn_prefix(props, PREFIX)

    def _response(self, pid: PID, status: SpawnStatus) -> ActorPidResponse:
        return ActorPidResponse(pid=self._core.pid(pid), status_code=status)
