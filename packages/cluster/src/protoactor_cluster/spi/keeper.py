"""The thread that keeps a member registered, whatever the event loop does."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import partial

from protoactor_cluster._clock import now
from protoactor_cluster.provider import Member
from protoactor_cluster.spi.backoff import Backoff
from protoactor_cluster.spi.fault import Evicted, Fault, Refused
from protoactor_cluster.spi.membership import Membership
from protoactor_cluster.spi.pulse import Pulse
from protoactor_cluster.spi.store import Claim, Store
from protoactor_cluster.spi.worker import Worker

__all__ = ["Keeper"]

_log = logging.getLogger("protoactor.provider")


class Keeper:
    """Registers a member, renews that every TTL/3, deregisters it in the end."""

    def __init__(
        self, store: Store, claim: Claim, membership: Membership, member: Member
    ) -> None:
        self._store = store
        self._claim = claim
        self._membership = membership
        self._member = member
        timing = store.timing
        self._interval = timing.interval
        self._worker = Worker(self._run, f"{store.name}-keeper {member.id}")
        self._pulse = Pulse(timing.stall_limit)
        self._backoff = Backoff(longest=timing.interval)
        self._stop = threading.Event()
        self._settled = asyncio.Event()
        self._failure: Exception | None = None

    async def __aenter__(self) -> None:
        """Wait until the member is registered; raises what `Store.explain` makes."""
        self._membership.claim(self._member)
        self._pulse.start()
        self._worker.start()
        try:
            await self._settled.wait()
            if self._failure is not None:
                raise self._failure
        except BaseException:
            await self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        await self._leave()

    async def _leave(self) -> None:
        self._membership.release()
        self._stop.set()
        await self._worker.ended()
        self._pulse.stop()

    def _run(self) -> None:
        try:
            self._join()
            self._worker.post(self._settled.set)
            pause = self._interval
            while self._failure is None and not self._stop.wait(pause):
                pause = self._tick()
        finally:
            self._claim.withdraw()

    def _join(self) -> None:
        deadline = now() + self._store.timing.join_timeout
        while not self._stop.is_set():
            try:
                self._registered(self._claim.register())
                return
            except Fault as error:
                pause = self._backoff.next()
                if isinstance(error, Refused) or now() + pause > deadline:
                    self._failure = self._store.explain(error)
                    return
            except Exception as error:  # __aenter__ raises it again
                self._failure = error
                return
            self._stop.wait(pause)

    def _tick(self) -> float:
        """One renewal; returns the seconds until the next."""
        if self._membership.lost is not None:
            self._stop.set()
        elif self._pulse.stalled:
            self._claim.stall()
        else:
            return self._renew()
        return self._interval

    def _renew(self) -> float:
        try:
            revision = self._claim.renew()
        except Evicted as error:
            lost = partial(self._membership.evicted, self._member, str(error))
            self._worker.post(lost)
            self._stop.set()
        except Fault:
            return self._backoff.next()
        except Exception:  # nobody else keeps the member registered
            _log.exception("unexpected error while %s is kept", self._member)
            return self._backoff.next()
        else:
            if revision is not None:
                self._registered(revision)
        self._backoff.reset()
        return self._interval

    def _registered(self, revision: int) -> None:
        self._worker.post(partial(self._membership.registered, self._member, revision))
