"""A member's own endpoint, from the first answer to the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from protoactor_cluster.errors import JoinTimeout
from protoactor_cluster.spi import Pulse
from protoactor_provider_automanaged._client import HealthClient, NoAnswer
from protoactor_provider_automanaged._health import BadHealth, Health
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged._loop_thread import LoopThread
from protoactor_provider_automanaged._server import serving
from protoactor_provider_automanaged._tls import TLSContexts

__all__ = ["answering"]

ANSWERS_WITHIN = 10.0
"""Seconds until a fresh endpoint must have answered its own process."""
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@asynccontextmanager
async def answering(
    thread: LoopThread,
    health: Health,
    bound: list[Host],
    stall_limit: float,
    tls: TLSContexts | None,
) -> AsyncGenerator[None, None]:
    """Serve `health` in the thread; entered once the endpoint has answered itself.

    Raises `CannotListen` and `JoinTimeout`.
    """
    body = health.to_json(bound[0].port)
    pulse = Pulse(stall_limit)
    pulse.start()
    try:
        async with thread.hold(
            serving(body, pulse, bound, tls.server if tls else None)
        ):
            try:
                async with asyncio.timeout(ANSWERS_WITHIN):
                    await thread.run(_until_answered(bound[0], health, tls))
            except TimeoutError:
                raise JoinTimeout(f"{bound[0]} listens but does not answer") from None
            yield
    finally:
        pulse.stop()


async def _until_answered(host: Host, health: Health, tls: TLSContexts | None) -> None:
    host = Host(WILDCARDS.get(host.name, host.name), host.port)
    async with HealthClient(timeout=1.0, tls=tls.myself if tls else None) as client:
        while not await _answers(client, host, health):  # noqa: ASYNC110 (it is remote)
            await asyncio.sleep(0.05)


async def _answers(client: HealthClient, host: Host, health: Health) -> bool:
    try:
        return (await client.ask(host)).member.id == health.member.id
    except (NoAnswer, BadHealth):
        return False
