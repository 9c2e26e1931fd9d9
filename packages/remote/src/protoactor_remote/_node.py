"""What all connections of one node share."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor import ActorSystem
from protoactor_remote._abilities import DIAGNOSTICS, Abilities
from protoactor_remote._bounded_log import BoundedLog
from protoactor_remote._options import RemoteOptions
from protoactor_remote._serialization import Serialization
from protoactor_remote._spinner import Spinner
from protoactor_remote._statistics import RemoteStatistics
from protoactor_remote._undeliverable import Undeliverable
from protoactor_remote._watched import Watched
from protoactor_remote.block_list import BlockList
from protoactor_remote.gate import Gate
from protoactor_remote.transport import Transport

__all__ = ["Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """This node, as its connections see it."""

    system: ActorSystem
    transport: Transport
    options: RemoteOptions
    serialization: Serialization
    abilities: Abilities
    """Ours, to be announced."""
    block_list: BlockList
    undeliverable: Undeliverable
    watched: Watched
    statistics: RemoteStatistics
    spinner: Spinner
    log: BoundedLog
    gate: Gate

    @property
    def address(self) -> str:
        return self.system.address

    @classmethod
    def of(
        cls,
        system: ActorSystem,
        transport: Transport,
        options: RemoteOptions,
        serialization: Serialization,
    ) -> Node:
        """A node that has not connected to anybody."""
        log = BoundedLog(system)
        return cls(
            system,
            transport,
            options,
            serialization,
            Abilities.ours(
                (*options.abilities, *([DIAGNOSTICS] if options.diagnostics else [])),
                serialization.extra_ids,
            ),
            BlockList(system.events, lambda: system.loop.time()),
            Undeliverable(system, log),
            Watched(system),
            RemoteStatistics(),
            Spinner(system, options.spin),
            log,
            Gate(),
        )
