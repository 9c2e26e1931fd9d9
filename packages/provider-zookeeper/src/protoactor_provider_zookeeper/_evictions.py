"""Marks in ZooKeeper: who was dropped may not come back under its id."""

from __future__ import annotations

from protoactor_cluster.spi import Unavailable, now
from protoactor_provider_zookeeper._folder import Folder
from protoactor_provider_zookeeper._session import NoNode, Session

__all__ = ["Evictions"]

KEPT = 24 * 3600.0
SWEPT = 3600.0


class Evictions:
    """Sets the marks of one folder; blocking, for one thread.

    Setting a mark and registering again exclude each other in ZooKeeper: either
    everybody keeps the member, or the member learns that it is out.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._swept = float("-inf")

    def mark(self, session: Session, member_id: str) -> bool:
        """Drop a member for good; False if it is registered."""
        try:
            marked = self._mark(session, member_id)
        except NoNode:
            session.make(self._folder.claims)
            session.make(self._folder.marks)
            marked = self._mark(session, member_id)
        if marked and now() - self._swept > SWEPT:
            self._swept = now()
            self._sweep(session, session.get(self._folder.mark(member_id)).created_at)
        return marked

    def _mark(self, session: Session, member_id: str) -> bool:
        claim, mark = self._folder.claim(member_id), self._folder.mark(member_id)
        transaction = session.transaction()
        transaction.create(claim)  # fails if it is there
        transaction.delete(claim)
        transaction.create(mark)
        match session.commit(transaction):
            case None | 2:  # another member was faster
                return True
            case 0:
                return False
            case other:
                raise Unavailable("ZooKeeper", f"a mark failed at step {other}")

    def _sweep(self, session: Session, today: float) -> None:
        """Marks of yesterday protect from nobody; by ZooKeeper's own clock."""
        for name in session.children(self._folder.marks, lambda _: None).names:
            path = f"{self._folder.marks}/{name}"
            try:
                if today - session.get(path).created_at > KEPT:
                    session.delete(path)
            except NoNode:  # others sweep, too
                pass
