"""What kazoo has to say."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

__all__ = ["KazooLog"]


class KazooLog(logging.LoggerAdapter[logging.Logger]):
    """Passes warnings on as debug messages, and remembers the last one.

    kazoo warns of every attempt to connect; we say once that contact was lost.
    """

    def __init__(self) -> None:
        super().__init__(logging.getLogger("protoactor.provider.zookeeper.kazoo"), {})
        self.trouble = "no answer"

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        if level == logging.WARNING:
            self.trouble = str(msg) % args if args else str(msg)
            level = logging.DEBUG
        super().log(level, msg, *args, **kwargs)

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, kwargs
