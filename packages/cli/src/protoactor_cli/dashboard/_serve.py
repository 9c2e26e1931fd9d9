"""Runs the dashboard until it is told to end."""

from __future__ import annotations

import uvicorn

from protoactor_cli._look import Target, looking
from protoactor_cli.dashboard._site import site
from protoactor_cli.dashboard._watch import Watch

__all__ = ["serve"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
GRACE = 1
"""Seconds for open pages when it ends."""


async def serve(target: Target, host: str, port: int, interval: float) -> None:
    """Raises `ClusterError` if there is no cluster; SIGTERM and SIGINT end it."""
    async with looking(target) as look:
        watch = Watch(look, interval)
        async with watch.watching():
            config = uvicorn.Config(
                site(watch, [*LOOPBACK, host]),
                host=host,
                port=port,
                log_level="warning",
                timeout_graceful_shutdown=GRACE,
            )
            print(f"http://{host}:{port}  (Ctrl-C ends it)", flush=True)
            await uvicorn.Server(config).serve()
