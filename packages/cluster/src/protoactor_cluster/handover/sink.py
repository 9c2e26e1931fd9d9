"""Puts one member's answer together."""

from __future__ import annotations

from protoactor_cluster.handover.chunk import HandoverChunk
from protoactor_cluster.handover.owner_table import ActivationsByIdentity
from protoactor_cluster.provider import Member

__all__ = ["HandoverSink"]


class HandoverSink:
    """The chunks of the current attempt, in any order, and what they must confirm.

    `unconfirmed` holds what the table already knew of this member: reports
    remove entries, and what is left when the answer is whole no longer exists
    there (or, with a baseline, is what the member skipped).
    """

    def __init__(self, member: Member, *, with_baseline: bool) -> None:
        self.member = member
        self.with_baseline = with_baseline
        self.attempt = 0
        self.due_at = 0.0
        """When to ask again, unless a chunk arrives."""
        self.complete = False
        self.unconfirmed: ActivationsByIdentity = {}
        self.received = 0
        self.final: HandoverChunk | None = None
        self._chunk_ids: set[int] = set()

    def start_attempt(self, unconfirmed: ActivationsByIdentity) -> None:
        """Forget all chunks: answers to two attempts must not be mixed."""
        self.attempt += 1
        self.unconfirmed = unconfirmed
        self.received = 0
        self.final = None
        self._chunk_ids = set()

    def take(self, chunk: HandoverChunk) -> bool:
        """Whether the chunk belongs to this attempt and is new."""
        if self.complete or chunk.attempt != self.attempt:
            return False
        if chunk.chunk_id in self._chunk_ids:
            return False
        self._chunk_ids.add(chunk.chunk_id)
        self.received += len(chunk.activations)
        if chunk.final:
            self.final = chunk
        return True

    @property
    def whole(self) -> bool:
        """Whether chunks 1 to the final one are all here."""
        return self.final is not None and len(self._chunk_ids) == self.final.chunk_id

    @property
    def adds_up(self) -> bool:
        """Whether a whole answer holds as many as it says, and may leave out any."""
        final = self.final
        if final is None or self.received != final.sent:
            return False
        return self.with_baseline or final.skipped == 0

    def is_consistent(self, count: int, digest: int) -> bool:
        """Whether what is left unconfirmed is what the answer has left out.

        Without a baseline nothing is, see `adds_up`.
        """
        final = self.final
        if final is None or not self.adds_up:
            return False
        skipped = (final.skipped, final.skipped_digest)
        return not self.with_baseline or skipped == (count, digest)

    def finish(self) -> None:
        """Take nothing more, and free what was kept for checking."""
        self.complete = True
        self.unconfirmed = {}
        self._chunk_ids = set()
