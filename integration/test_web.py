"""The web example as two servers that share one cluster, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from programs import EXAMPLES, free_ports

PATIENCE = 20.0


def fetch(method: str, url: str) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5.0) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, {}


async def ask(method: str, port: int, path: str) -> tuple[int, dict[str, object]]:
    url = f"http://127.0.0.1:{port}{path}"
    return await asyncio.to_thread(fetch, method, url)


@asynccontextmanager
async def server(port: int, cluster_url: str) -> AsyncGenerator[None, None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--app-dir", str(EXAMPLES / "web")),
        *("--port", str(port), "--log-level", "warning", "app:app"),
        env={**os.environ, "PROTOACTOR_CLUSTER_URL": cluster_url},
    )
    try:
        await until_ready(port)
        yield
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_ready(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                status, _ = await ask("GET", port, "/readyz")
            except OSError:
                status = 0
            if status == 200:
                return
            await asyncio.sleep(0.1)


async def test_two_servers_share_the_visits_and_say_how_they_are() -> None:
    manage = free_ports(2)
    web = free_ports(2)
    hosts = ",".join(f"127.0.0.1:{port}" for port in manage)
    async with AsyncExitStack() as servers:
        for port, own in zip(web, manage, strict=True):
            url = f"automanaged://{hosts}?port={own}"
            await servers.enter_async_context(server(port, url))
        for port in web:
            assert await ask("GET", port, "/healthz") == (200, {"alive": True})
        pages = [f"page-{number}" for number in range(10)]
        for expected, port in enumerate(web, 1):
            for page in pages:
                status, body = await ask("POST", port, f"/visits/{page}")
                assert (status, body) == (200, {"visits": expected}), page
