"""Serves `GET /_health`."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from protoactor_cluster.spi import Pulse
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged.errors import CannotListen

__all__ = ["serving"]


@asynccontextmanager
async def serving(
    body: bytes, pulse: Pulse, bound: Sequence[Host], tls: ssl.SSLContext | None
) -> AsyncGenerator[None, None]:
    """Answer with `body` on every host of `bound` while the pulse beats.

    Raises `CannotListen`.
    """
    runner = web.AppRunner(
        _application(body, pulse), access_log=None, shutdown_timeout=0.1
    )
    await runner.setup()
    listening: list[socket.socket] = []
    try:
        for host in bound:
            listening.append(_listen(host))
            await web.SockSite(runner, listening[-1], ssl_context=tls).start()
        yield
    finally:
        await _stop_accepting(listening)
        await runner.cleanup()


def _application(body: bytes, pulse: Pulse) -> web.Application:
    async def health(request: web.Request) -> web.Response:
        if pulse.stalled:
            return web.Response(status=503, text="the event loop is blocked\n")
        return web.Response(body=body, content_type="application/json", charset="UTF-8")

    application = web.Application(client_max_size=1024)
    application.router.add_get("/_health", health)
    return application


def _listen(host: Host) -> socket.socket:
    family = socket.AF_INET6 if host.is_ipv6 else socket.AF_INET
    try:
        return socket.create_server((host.name, host.port), family=family)
    except OSError as error:
        raise CannotListen(str(host), error) from error


async def _stop_accepting(listening: Sequence[socket.socket]) -> None:
    """asyncio hands over what it accepted some turns later, to an open server only."""
    for sock in listening:
        asyncio.get_running_loop().remove_reader(sock)
    for _ in range(5):
        await asyncio.sleep(0)
