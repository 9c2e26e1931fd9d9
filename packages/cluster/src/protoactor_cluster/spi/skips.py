"""Entries of the store that are no members, each worth one line in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

__all__ = ["Skips"]


class Skips:
    """Remembers what was skipped, so that it is said only once."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._log = logging.getLogger(f"protoactor.provider.{service}")
        self._skipped: set[str | bytes] = set()

    def skip(self, key: str | bytes, reason: object) -> None:
        if key not in self._skipped:
            text = "skipped %r in %s, it is no member: %s"
            self._log.warning(text, key, self._service, reason)
        self._skipped.add(key)

    def forget(self, key: str | bytes) -> None:
        """It is gone, or a member now."""
        self._skipped.discard(key)

    def keep_only(self, keys: Iterable[str | bytes]) -> None:
        """Everything else is gone."""
        self._skipped &= set(keys)
