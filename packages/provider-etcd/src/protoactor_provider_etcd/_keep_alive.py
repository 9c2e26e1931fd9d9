"""The thread that keeps a member registered, whatever the event loop does."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import partial

from protoactor_provider_etcd._backoff import Backoff
from protoactor_provider_etcd._claim import Claim, Evicted
from protoactor_provider_etcd._clock import now
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._fault import Fault, Refused
from protoactor_provider_etcd._first_contact import explain
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._pulse import Pulse
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
        key: str,
        value: bytes,
    ) -> None:
        self._settings = settings
        self._membership = membership
        self._connection = Connection(settings, contact)
        self._worker = Worker(self._run, f"etcd-keep-alive {key}")
        self._claim = Claim(
            self._connection, contact, settings.ttl, key, value, self._registered
        )
        self._pulse = Pulse(self._worker.post, settings.stall_limit, now)
        self._backoff = Backoff(cap=settings.interval)
        self._stop = threading.Event()
        self._settled = asyncio.Event()
        self._failure: Exception | None = None

    async def __aenter__(self) -> None:
        """Wait until the member is registered; raises `JoinTimeout`, `EtcdRefused`."""
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
        self._membership.leave()
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
            except Exception as error:  # noqa: BLE001 - raised again by __aenter__
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
        except Evicted:
            reason = "its lease ended while etcd could be reached"
            self._worker.post(partial(self._membership.evicted, reason))
            self._stop.set()
        except Fault:
            return self._backoff.next()
        except Exception:  # noqa: BLE001 - nobody else keeps the member registered
            _log.exception("unexpected error while renewing a lease")
            return self._backoff.next()
        self._backoff.reset()
        return self._settings.interval

    def _registered(self, revision: int) -> None:
        self._worker.post(partial(self._membership.registered, revision))
