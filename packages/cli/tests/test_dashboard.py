"""The page's data, and who may have it."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from protoactor_cli._app import dashboard
from protoactor_cli._look import Look
from protoactor_cli.dashboard import Watch, site
from protoactor_cluster import Grain, Introspection
from protoactor_testkit import Members


class Counter(Grain):
    async def add(self, amount: int) -> int:
        return amount


@asynccontextmanager
async def watched(
    members: Members, count: int = 3
) -> AsyncGenerator[tuple[Watch, httpx.AsyncClient], None]:
    options = Introspection(slow_call=0.0)
    await members.start(count, kinds=[Counter], introspection=options)
    client = await members.connect()
    await client.wait_for_members(5.0)
    watch = Watch(Look.through(client))
    transport = httpx.ASGITransport(app=site(watch, ["127.0.0.1"]))
    async with (
        watch.watching(),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as page,
    ):
        yield watch, page


async def data(page: httpx.AsyncClient, path: str, **query: str) -> Any:
    response = await page.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def member_of(seen: dict[str, Any], member_id: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = seen["members"]
    return next(row for row in rows if row["id"] == member_id)


def test_it_is_on_loopback_by_default() -> None:
    assert inspect.signature(dashboard).parameters["host"].default == "127.0.0.1"


async def test_the_first_snapshot_is_whole_and_the_next_only_news(
    members: Members,
) -> None:
    async with watched(members) as (watch, _):
        first = members.alive[0]
        snapshots = watch.snapshots()
        whole = await anext(snapshots)
        assert whole["whole"]
        assert [it["state"] for it in whole["members"]] == ["ready"] * 3
        assert whole["ring"][0][0] <= 0 < whole["ring"][-1][1] <= 1
        assert {it["what"] for it in whole["events"]} == {"topology", "hand-over"}
        await first.grain(Counter, "x").add(1)
        await watch.look_once()
        news = await anext(snapshots)
        assert not news["whole"]
        assert (news["events"], "ring" in news) == ([], False)
        assert [it["name"] for it in news["calls"]] == ["x"]
        counted = sum(it["activations"].get("Counter", 0) for it in news["members"])
        assert counted == 1


async def test_a_member_that_is_killed_is_shown_as_gone(members: Members) -> None:
    async with watched(members) as (watch, _):
        lost = members.alive[2]
        lost_id = lost.member_id
        snapshots = watch.snapshots()
        await anext(snapshots)
        await members.crash(lost)
        seen = await anext(snapshots)
        while not (row := member_of(seen, lost_id))["gone"]:
            seen = await anext(snapshots)
        assert (row["state"], row["activations"]) == ("gone", {})
        assert lost_id not in {arc[2] for arc in seen["ring"]}


async def test_grains_come_in_pages_of_all_members(members: Members) -> None:
    async with watched(members) as (_, page):
        for number in range(400):
            await members.alive[0].grain(Counter, f"c{number:03}").add(1)
        names: list[str] = []
        after = "{}"
        while True:
            found = await data(page, "/api/grains", contains="c", after=after)
            names.extend(it["name"] for it in found["grains"])
            if not found["after"]:
                break
            after = httpx.Response(200, json=found["after"]).text
        assert sorted(names) == [f"c{number:03}" for number in range(400)]


async def test_a_route_and_its_trace(members: Members) -> None:
    async with watched(members) as (_, page):
        await members.alive[0].grain(Counter, "x").add(1)
        route = await data(page, "/api/route", identity="Counter/x")
        assert (
            route["hosts"][0]["address"] == members.host_of(Counter, "x").member_address
        )
        assert 0 <= route["position"] < 1
        trace = route["hosts"][0]["started_in"]["trace_id"]
        spans = await data(page, f"/api/trace/{trace}")
        assert spans[0]["name"] == "grain.call"
        assert spans[0]["start"] == 0
        assert all(it["start"] >= 0 for it in spans)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/route?identity=nonsense", "KIND/NAME"),
        ("/api/trace/nonsense", "32 hexadecimal digits"),
        ("/api/grains?after=[", "is not what a page said"),
    ],
)
async def test_nonsense_is_refused_with_a_reason(
    members: Members, path: str, says: str
) -> None:
    async with watched(members, 1) as (_, page):
        response = await page.get(path)
        assert response.status_code == 400
        assert says in response.text


async def test_pages_of_other_names_and_origins_get_nothing(members: Members) -> None:
    async with watched(members, 1) as (_, page):
        refused = await page.get("/", headers={"host": "evil.example"})
        assert refused.status_code == 400
        allowed = await page.get("/")
        assert "default-src 'self'" in allowed.headers["content-security-policy"]
        assert "access-control-allow-origin" not in allowed.headers


@pytest.mark.parametrize("name", ["style.css", "main.js", "icon.svg", "find.js"])
async def test_everything_the_page_needs_is_in_the_package(
    members: Members, name: str
) -> None:
    async with watched(members, 1) as (_, page):
        assert (await page.get(f"/static/{name}")).status_code == 200
