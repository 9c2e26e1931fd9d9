"""The thread that keeps a member registered, whatever the event loop does."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import partial

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._backoff import Backoff
from protoactor_provider_etcd._claim import Claim, Evicted
from protoactor_provider_etcd._clock import now
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._fault import Fault, Refused
from protoactor_provider_etcd._first_contact import explain
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._pulse import Pulse
from protoactor_provider_etcd._record import Folder, encode
from protoactor_provider_etcd._settings import Settings
from protoactor_provider_etcd._worker import Worker

__all__ = ["KeepAlive"]

_log = logging.getLogger("protoactor.provider.etcd")


class KeepAlive:
    """Registers a member, renews its lease every TTL/3, deregisters it in the end."""

    def __init__(
        self,
        settings: Settings,
        contact: Contact,
        membership: Membership,
        folder: Folder,
        member: Member,
    ) -> None:
        self._settings = settings
        self._membership = membership
        self._member = member
        keys = folder.key(member.id), folder.mark(member.id)
        self._connection = Connection(settings, contact)
        self._worker = Worker(self._run, f"etcd-keep-alive {member.id}")
        self._claim = Claim(
            self._connection, contact, settings.ttl, keys, encode(member), self._put
        )
        self._pulse = Pulse(self._worker.post, settings.stall_limit, now)
        self._backoff = Backoff(cap=settings.interval)
        self._stop = threading.Event()
        self._settled = asyncio.Event()
        self._failure: Exception | None = None

    async def __aenter__(self) -> None:
        """Wait until the member is registered; raises `JoinTimeout`, `EtcdRefused`."""
        self._membership.claim(self._member)
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

    def _run(self) -> None:
        try:
            self._join()
            self._worker.post(self._settled.set)
            pause = self._settings.interval
            while self._failure is None and not self._stop.wait(pause):
                pause = self._tick()
        finally:
            self._claim.withdraw()
            self._connection.close()

    def _join(self) -> None:
        deadline = now() + self._settings.join_timeout
        while not self._stop.is_set():
            try:
                self._claim.register()
                return
            except Fault as error:
                pause = self._backoff.next()
                if isinstance(error, Refused) or now() + pause > deadline:
                    self._failure = explain(error, self._settings)
                    return
            except Exception as error:  # __aenter__ raises it again
                self._failure = error
                return
            self._stop.wait(pause)

    def _tick(self) -> float:
        """One renewal; returns the seconds until the next."""
        if self._membership.lost is not None:
            self._stop.set()
        elif not self._pulse.stalled():
            return self._renew()
        return self._settings.interval

    def _renew(self) -> float:
        try:
            self._claim.renew()
        except Evicted as error:
            lost = partial(self._membership.evicted, self._member, str(error))
            self._worker.post(lost)
            self._stop.set()
        except Fault:
            return self._backoff.next()
        except Exception:  # nobody else keeps the member registered
            _log.exception("unexpected error while renewing a lease")
            return self._backoff.next()
        self._backoff.reset()
        return self._settings.interval

    def _put(self, revision: int) -> None:
        self._worker.post(partial(self._membership.registered, self._member, revision))
