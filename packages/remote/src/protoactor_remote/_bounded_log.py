"""Log lines that others cause, at a rate that they cannot raise."""

from __future__ import annotations

import logging
from functools import partial

from protoactor import ActorSystem
from protoactor.spi import Throttle

__all__ = ["BoundedLog"]

LINES, PERIOD = 3, 1.0
logger = logging.getLogger("protoactor.remote")


class BoundedLog:
    """A few lines per topic and second; what is left out is counted in one more."""

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self._throttles: dict[str, Throttle] = {}

    def warning(self, topic: str, text: str, *values: object) -> bool:
        """Says whether it was written."""
        return self.write(logging.WARNING, topic, text, *values)

    def write(
        self, level: int, topic: str, text: str, *values: object, trace: bool = False
    ) -> bool:
        """`topic` is one of a few: it is remembered."""
        throttle = self._throttles.get(topic)
        if throttle is None:
            skipped = partial(self._left_out, topic)
            throttle = self._throttles[topic] = Throttle(LINES, PERIOD, skipped)
        admitted = throttle.admits(self._system.loop)
        if admitted:
            logger.log(level, text, *values, exc_info=trace)
        return admitted

    def close(self) -> None:
        """Tell now what was left out."""
        for throttle in self._throttles.values():
            throttle.close()

    @staticmethod
    def _left_out(topic: str, count: int) -> None:
        logger.warning("%d more lines were left out: %s", count, topic)
