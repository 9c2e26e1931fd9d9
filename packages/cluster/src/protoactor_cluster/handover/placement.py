"""The host's side of a hand-over: what lives here, and what it tells owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from protoactor import PID
from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.handover.chunk import HandoverChunk, Pull, digest_of
from protoactor_cluster.handover.shares import Shares
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import Topology, TopologyId

__all__ = ["Placement"]

CHUNK_SIZE = 125
"""Activations that are packed, or taken in by their owner, in about a millisecond."""
LOOKED_AT = 8
"""Times as many are looked at in that time."""
SIGN_OF_LIFE = 50
"""Pauses after which an empty chunk says that the search goes on: who hears nothing
asks again, and it would begin anew."""
CHUNK_BYTES = 1024 * 1024
"""Names can be long: a chunk must stay far below the frame limit."""


class Placement:
    """The activations on this member; they stay when ownership moves.

    `newest` is the newest topology for which a pull was answered. Its owners
    have been told what lives here, so a request under an older one would
    create an activation that nobody knows: it is refused.
    """

    def __init__(self, me: str, chunk_size: int = CHUNK_SIZE) -> None:
        self.newest = TopologyId(0, 0)
        self._me = me
        self._chunk_size = chunk_size
        self._live: dict[ClusterIdentity, Activation] = {}
        self._last_number: dict[str, int] = {}
        self._rings: list[tuple[Topology, HashRing]] = []
        self._shares = Shares(HashRing(()), {})

    def get(self, identity: ClusterIdentity) -> PID | None:
        """The PID of the activation that lives here."""
        activation = self._live.get(identity)
        return activation.pid if activation else None

    def is_overtaken(self, requester_id: str, number: int) -> bool:
        """Whether the requester has asked again since it sent this request.

        Ask once per request, and ignore one that was overtaken unless the
        identity lives here: its requester has an answer to a later question and
        may have started the identity elsewhere since. Do not refuse it either: a
        refusal of a repeated message would be taken for that of the original.
        0 stands for a requester that does not number its requests.
        """
        last = self._last_number.get(requester_id, 0)
        self._last_number[requester_id] = max(number, last)
        return 0 < number <= last

    def refuses(self, topology_id: TopologyId) -> bool:
        """Whether a request under this topology is stale: answer with `newest`.

        Check it before the spawn; `register` checks it again after.
        """
        return topology_id.is_older_than(self.newest)

    def register(
        self, identity: ClusterIdentity, pid: PID, topology_id: TopologyId
    ) -> PID | None:
        """Enter a spawned actor; returns the PID to answer with.

        Stop the actor if that is not its own: `None` means that a newer
        topology was answered for while it was starting.
        """
        known = self._live.get(identity)
        if known is not None:
            return known.pid
        if self.refuses(topology_id):
            return None
        activation = Activation.of(identity, pid, self._me)
        self._live[identity] = activation
        self._shares.add(activation)
        return pid

    def remove(self, identity: ClusterIdentity, pid: PID) -> bool:
        """The actor stopped; says whether it was the one that lives here."""
        known = self._live.get(identity)
        if known is None or known.pid[:2] != pid[:2]:
            return False
        del self._live[identity]
        self._shares.remove(known)
        return True

    def answer(self, pull: Pull) -> Iterator[HandoverChunk | None]:
        """The chunks for one pull, made while they are taken.

        `None` stands for a pause in a long search: let others run. Requests
        under older topologies are refused from this call on. Before it, check
        that the requester is a member: the version of one that was evicted
        would make this member refuse the others until they `reaffirm`.
        """
        if self.newest.is_older_than(pull.topology.id):
            self.newest = pull.topology.id
            for gone in self._last_number.keys() - pull.topology.by_id.keys():
                del self._last_number[gone]
        ring = self._ring(pull.topology)
        if self._shares.ring.members != ring.members:
            self._shares = Shares(ring, self._live)
        return self._chunks(pull, self._shares)

    def __len__(self) -> int:
        return len(self._live)

    def _owned_before(self, pull: Pull) -> Callable[[Activation], bool]:
        """Tells what the requester knows already."""
        if pull.baseline is None:
            return lambda activation: False
        owner_at, requester = self._ring(pull.baseline).owner_at, pull.requester_id

        def owned(activation: Activation) -> bool:
            owner = owner_at(activation.position)
            return owner is not None and owner.id == requester

        return owned

    def _ring(self, topology: Topology) -> HashRing:
        for known, ring in self._rings:
            if known.members == topology.members:
                return ring
        base = self._rings[0][1] if self._rings else None
        ring = HashRing(topology.members, base=base)
        self._rings = [(topology, ring), *self._rings[:1]]
        return ring

    def _chunks(self, pull: Pull, shares: Shares) -> Iterator[HandoverChunk | None]:
        """Pauses, and chunks as the batch fills, or when there was none for long."""
        batch, pauses = _Batch(pull.attempt), 0
        for found in self._found(pull, shares, batch):
            pauses = 0 if found else pauses + 1
            if found or pauses == SIGN_OF_LIFE:
                pauses = 0
                yield batch.chunk(final=False)
            yield None
        yield batch.chunk(final=True)

    def _found(self, pull: Pull, shares: Shares, batch: _Batch) -> Iterator[bool]:
        """Fills the batch; stops where it is full (true) or has searched for long."""
        before = self._owned_before(pull)
        step = LOOKED_AT * self._chunk_size
        while shares.sort(step):
            yield False
        for count, activation in enumerate(shares.of(pull.requester_id), start=1):
            if self._live.get(activation.identity) is activation:
                if before(activation):
                    batch.skip(activation)
                else:
                    if batch.is_full(self._chunk_size):
                        yield True
                    batch.add(activation)
            if count % step == 0:
                yield False


class _Batch:
    """Collects the next chunk, and what the final one says about all of them."""

    def __init__(self, attempt: int) -> None:
        self._attempt = attempt
        self._chunk_id = 0
        self._sent = 0
        self._skipped = 0
        self._digest = 0
        self._bytes = 0
        self._activations: list[Activation] = []

    def is_full(self, size: int) -> bool:
        return len(self._activations) >= size or self._bytes >= CHUNK_BYTES

    def add(self, activation: Activation) -> None:
        self._activations.append(activation)
        # at most four bytes per character outside ASCII
        name, actor_id = activation.identity.name, activation.pid.id
        characters = len(name) + len(actor_id)
        self._bytes += characters if actor_id.isascii() else 4 * characters
        self._sent += 1

    def skip(self, activation: Activation) -> None:
        self._skipped += 1
        self._digest = digest_of((activation,), self._digest)

    def chunk(self, *, final: bool) -> HandoverChunk:
        self._chunk_id += 1
        activations = tuple(self._activations)
        self._activations.clear()
        self._bytes = 0
        totals: Iterable[int] = (
            (self._sent, self._skipped, self._digest) if final else ()
        )
        return HandoverChunk(self._attempt, self._chunk_id, final, activations, *totals)
