"""Asks every host for its health, round after round."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged._client import HealthClient, NoAnswer
from protoactor_provider_automanaged._health import BadHealth, Health
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged._roster import Roster
from protoactor_provider_automanaged._settings import Settings

__all__ = ["Poller"]

logger = logging.getLogger("protoactor.cluster.automanaged")

AT_ONCE = 64
"""How many hosts are asked at the same time."""
DOUBT = 4
"""A round follows this many times sooner on one that somebody missed."""


class Poller:
    """Asks all hosts every `interval` seconds and publishes who is a member."""

    def __init__(
        self,
        cluster: str,
        settings: Settings,
        publish: Callable[[tuple[Member, ...]], None],
    ) -> None:
        self._cluster = cluster
        self._hosts = settings.hosts
        self._interval = settings.interval
        self._roster = Roster(cluster, settings.misses)
        self._publish = publish
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._complained: set[Host] = set()

    async def run(self, client: HealthClient) -> None:
        """Poll until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            self._roster.apply(await self._round(client))
            self._publish(self._roster.members)
            pause = self._interval / (DOUBT if self._roster.doubtful else 1)
            await asyncio.sleep(max(began + pause - loop.time(), 0.0))

    async def _round(self, client: HealthClient) -> dict[Host, Health | None]:
        async with asyncio.TaskGroup() as group:
            asking = {
                host: group.create_task(self._ask(client, host)) for host in self._hosts
            }
        return {host: task.result() for host, task in asking.items()}

    async def _ask(self, client: HealthClient, host: Host) -> Health | None:
        try:
            async with self._slots:
                health = await client.ask(host)
        except NoAnswer as silence:
            logger.debug("%s: %s", host, silence)
            return None
        except BadHealth as error:
            self._complain(host, f"does not answer as a member does: {error}")
            return None
        if health.cluster != self._cluster:
            self._complain(host, f"belongs to cluster {health.cluster!r}, not to ours")
        else:
            self._complained.discard(host)
        return health

    def _complain(self, host: Host, what: str) -> None:
        """Once, until the host answers as it should."""
        if host not in self._complained:
            self._complained.add(host)
            logger.warning("%s %s (cluster %r)", host, what, self._cluster)
