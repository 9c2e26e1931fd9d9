"""The ASGI application: reads only, for pages of its own origin."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protoactor import ActorError
from protoactor_cli.dashboard._pages import page_of_grains, route_of, trace_of
from protoactor_cli.dashboard._watch import Watch
from protoactor_cluster import ClusterIdentity

__all__ = ["site"]

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def site(watch: Watch, hosts: Sequence[str]) -> Starlette:
    """`hosts` are the names by which pages may call it: others are refused."""

    async def page(_: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def stream(_: Request) -> Response:
        return StreamingResponse(_events(watch), media_type="text/event-stream")

    async def grains(request: Request) -> Response:
        asked = request.query_params
        after = _read_after(asked.get("after", "{}"))
        kind, contains = asked.get("kind", ""), asked.get("contains", "")
        return JSONResponse(await page_of_grains(watch.look, kind, contains, after))

    async def route(request: Request) -> Response:
        identity = ClusterIdentity.parse(request.query_params.get("identity", ""))
        return JSONResponse(await route_of(watch.look, identity))

    async def trace(request: Request) -> Response:
        trace_id = request.path_params["trace_id"]
        if len(trace_id) != 32 or not set(trace_id) <= set("0123456789abcdef"):
            raise HTTPException(400, "a trace id has 32 hexadecimal digits")
        return JSONResponse(await trace_of(watch.look, trace_id))

    return Starlette(
        routes=[
            Route("/", page),
            Route("/api/stream", stream),
            Route("/api/grains", grains),
            Route("/api/route", route),
            Route("/api/trace/{trace_id}", trace),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(_Careful),
        ],
        exception_handlers={ActorError: _explained},
    )


async def _events(watch: Watch) -> AsyncGenerator[str, None]:
    async for seen in watch.snapshots():
        yield f"data: {json.dumps(seen, separators=(',', ':'))}\n\n"


async def _explained(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


def _read_after(text: str) -> dict[str, int]:
    try:
        read: Any = json.loads(text)
        return {str(key): int(value) for key, value in read.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise HTTPException(400, f"after={text!r} is not what a page said") from error


class _Careful:
    """Names in a cluster are anybody's choice: a page runs nothing but our own files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_carefully(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_carefully)
