"""What a hand-over tells other members and the world."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protoactor import PID, Context
from protoactor_cluster import handover as machine
from protoactor_cluster._handover_spans import HandoverSpans
from protoactor_cluster._questions import Questions
from protoactor_cluster.events import (
    DuplicateActivation,
    HandoverCompleted,
    RebalanceIncomplete,
)
from protoactor_cluster.gossip_entry import READY
from protoactor_cluster.logs import about
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.topology_codec import encode_ready

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["HandoverEffects"]

logger = logging.getLogger("protoactor.cluster.owner")


class HandoverEffects:
    """Carries out effects that concern nobody who waits for an answer here."""

    def __init__(self, cluster: Cluster, spans: HandoverSpans) -> None:
        self._cluster = cluster
        self._spans = spans

    def carry_out(
        self, context: Context, effect: machine.Effect, waiting: Questions
    ) -> None:
        match effect:
            case machine.AnnounceReady():
                self._announce(effect)
            case machine.AskPeer():
                self._pull(context, effect)
            case machine.StopDuplicate():
                self._stop(context, effect)
            case machine.Incomplete():
                self._warn(effect, waiting)
            case machine.Completed(topology, activations):
                self._spans.end(activations)
                self._publish(HandoverCompleted(topology, activations))
            case _:
                raise TypeError(f"{effect!r} concerns those who wait")

    def _announce(self, effect: machine.AnnounceReady) -> None:
        gossiper = self._cluster.gossiper
        if gossiper is not None:
            gossiper.say(READY, encode_ready(effect.topology))

    def _pull(self, context: Context, effect: machine.AskPeer) -> None:
        context.send(
            PID(effect.member.address, PLACEMENT),
            machine.encode_pull(effect.pull, self._cluster.member_address),
            sender=context.self,
            headers=self._spans.pull_headers(effect.member),
        )

    def _stop(self, context: Context, effect: machine.StopDuplicate) -> None:
        kept, stopped = effect.kept, effect.stopped
        context.poison(stopped.pid)
        if effect.repeated:
            return
        self._cluster.statistics.duplicates += 1
        text = "%s is active twice: %s stays, %s is stopped"
        with self._spans.entered():
            logger.warning(
                text, kept.identity, kept.pid, stopped.pid, extra=about(kept.identity)
            )
        self._publish(DuplicateActivation(kept.identity, kept.pid, stopped.pid))

    def _warn(self, effect: machine.Incomplete, waiting: Questions) -> None:
        self._cluster.statistics.incomplete[effect.reason.name.lower()] += 1
        self._spans.incomplete(effect.reason.value, effect.unanswered)
        with self._spans.entered():
            logger.warning(
                "hand-over of %s: %s", effect.topology.id, effect.reason.value
            )
        event = RebalanceIncomplete(
            effect.topology,
            effect.reason.value,
            effect.unanswered,
            waiting.identities,
        )
        self._publish(event)

    def _publish(self, event: object) -> None:
        self._cluster.system.events.publish(event)
