"""A web application whose state lives in grains.

`uvicorn --app-dir examples/web app:app` starts one member; start more on other ports
with the same list of hosts in PROTOACTOR_CLUSTER_URL and they share the visits.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from protoactor_cluster import Cluster, Grain, join

DEFAULT_URL = "automanaged://127.0.0.1:6331?port=6331"


class Visits(Grain):
    def __init__(self) -> None:
        self._count = 0

    async def add(self) -> int:
        self._count += 1
        return self._count


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    """Be a member for as long as the application runs."""
    provider = os.environ.get("PROTOACTOR_CLUSTER_URL", DEFAULT_URL)
    async with join("web", provider=provider, kinds=[Visits]) as cluster:
        app.state.cluster = cluster
        yield


def cluster_of(request: Request) -> Cluster:
    cluster: Cluster = request.app.state.cluster
    return cluster


InCluster = Annotated[Cluster, Depends(cluster_of)]
app = FastAPI(lifespan=lifespan)


@app.post("/visits/{page}")
async def visit(page: str, cluster: InCluster) -> dict[str, int]:
    return {"visits": await cluster.grain(Visits, page).add()}


@app.get("/healthz")
async def healthz(cluster: InCluster, response: Response) -> dict[str, bool]:
    """Restart this process if not: does not depend on any other."""
    response.status_code = 200 if cluster.alive else 503
    return {"alive": cluster.alive}


@app.get("/readyz")
async def readyz(cluster: InCluster, response: Response) -> dict[str, bool]:
    """Send requests here only if so: false before joining and while leaving."""
    response.status_code = 200 if cluster.ready else 503
    return {"ready": cluster.ready}
