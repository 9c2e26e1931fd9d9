"""A member's nodes in ZooKeeper."""

from __future__ import annotations

import logging

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import (
    Contact,
    Evicted,
    Tenure,
    Unavailable,
    encode_record,
    now,
)
from protoactor_provider_zookeeper._connection import Connection
from protoactor_provider_zookeeper._folder import Folder
from protoactor_provider_zookeeper._session import NoNode, Session, Transaction

__all__ = ["ZooKeeperClaim"]

_log = logging.getLogger("protoactor.provider.zookeeper")


class ZooKeeperClaim:
    """Blocking, for one thread; calls raise `Fault`s.

    The record, which others read, has a name that ZooKeeper completes. So there is a
    second node with a name known beforehand: while that exists, nobody can be marked
    as evicted, and it cannot be created again by who has been.
    """

    def __init__(
        self,
        connection: Connection,
        contact: Contact,
        ttl: float,
        folder: Folder,
        member: Member,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._stem = folder.stem(member.id)
        self._claim = folder.claim(member.id)
        self._mark = folder.mark(member.id)
        self._value = encode_record(member)
        self._tenure = Tenure(ttl, contact)
        self._session: int | None = None
        self._record = ""

    def register(self) -> int:
        """Create the nodes, in place of any that are there."""
        self._tenure.attempt(now())
        return self._connection.call(lambda session: self._create(session, again=False))

    def renew(self) -> int | None:
        """See that the nodes are there; create them if nobody has noticed their end."""
        self._tenure.attempt(now())
        return self._connection.call(self._renew)

    def stall(self) -> None:
        """kazoo does not know that the event loop hangs: end its session."""
        self._connection.drop()

    def withdraw(self) -> None:
        """End the session, and its nodes with it, at the latest after its timeout."""
        self._connection.close()

    def _renew(self, session: Session) -> int | None:
        if session.id == self._session and session.exists(self._record):
            self._tenure.renewed(session.revision)
            return None
        if session.id == self._session:  # still: it did not end meanwhile
            raise Evicted("its node was deleted")
        if self._tenure.evicted(session.revision):
            raise Evicted("its session ended while ZooKeeper could be reached")
        revision = self._create(session, again=True)
        _log.warning("%s is registered again after an outage", self._record)
        return revision

    def _create(self, session: Session, *, again: bool) -> int:
        try:
            return self._attempt(session, again=again)
        except NoNode:  # there is no such folder yet, or an old node is just ending
            for path in (self._folder.path, self._folder.claims, self._folder.marks):
                session.make(path)
        try:
            return self._attempt(session, again=again)
        except NoNode:
            raise Unavailable("ZooKeeper", "nodes end while we replace them") from None

    def _attempt(self, session: Session, *, again: bool) -> int:
        transaction = session.transaction()
        if again:  # creating the mark fails if it is there
            transaction.create(self._mark)
            transaction.delete(self._mark)
        elif session.exists(self._mark):
            transaction.delete(self._mark)
        self._clear(session, transaction)
        transaction.create(self._claim, ephemeral=True)
        record = self._folder.record(self._stem)
        transaction.create(record, self._value, ephemeral=True, sequence=True)
        failed = session.commit(transaction)
        if failed == 0 and again:
            raise Evicted("others dropped it while ZooKeeper was out of reach")
        if failed is not None:
            raise Unavailable("ZooKeeper", "nodes come while we replace them")
        return self._hold(session)

    def _clear(self, session: Session, transaction: Transaction) -> None:
        """Remove what a session left that has not ended yet."""
        if session.exists(self._claim):
            transaction.delete(self._claim)
        for name in self._records(session):
            transaction.delete(self._folder.record(name))

    def _hold(self, session: Session) -> int:
        names = self._records(session)
        if not names:
            raise Unavailable("ZooKeeper", "the session ended at once")
        self._record = self._folder.record(max(names))
        node = session.get(self._record)
        self._session = node.owner
        self._tenure.renewed(session.revision)
        return node.created

    def _records(self, session: Session) -> list[str]:
        children = session.children(self._folder.path, lambda _: None)
        return [name for name in children.names if name.startswith(self._stem)]
