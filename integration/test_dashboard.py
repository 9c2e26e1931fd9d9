"""The dashboard in a real browser, with real members."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from browser import browsing
from programs import Program, free_ports
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

T = TypeVar("T")
PATIENCE = 60.0
APP = """
import asyncio
import os

from protoactor_cluster import Cluster, Grain

class Counter(Grain, idle_timeout=3600.0):
    async def add(self, amount: int) -> int:
        return amount

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

kinds = [Counter]
GRAINS = int(os.environ.get("GRAINS", "0"))

async def main(cluster: Cluster) -> None:
    number = os.environ["PROTOACTOR_MEMBER"]
    print(f"member {number} is {cluster.member_address}, process {os.getpid()}", flush=True)
    while len(cluster.topology) < int(os.environ["MEMBERS"]):
        await asyncio.sleep(0.1)
    if number == "1":
        for start in range(0, GRAINS, 200):
            names = (f"c{n:05}" for n in range(start, start + 200))
            calls = (cluster.grain(Counter, it, timeout=60.0).add(1) for it in names)
            await asyncio.gather(*calls)
        await cluster.grain(Counter, "c00000", timeout=60.0).wait(0.3)
        print("all are active", flush=True)
    await cluster.wait_closed()
"""
LAUNCH = """
import sys
from protoactor_cli import app
app(sys.argv[1:])
"""


@asynccontextmanager
async def shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, members: int, grains: int
) -> AsyncGenerator[tuple[Program, Chrome], None]:
    """Members with so many grains, and a browser that shows them."""
    (folder / "app.py").write_text(APP)
    (folder / "launch.py").write_text(LAUNCH)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GRAINS", str(grains))
    monkeypatch.setenv("MEMBERS", str(members))
    launch, (port,) = folder / "launch.py", free_ports(1)
    run = ("run", "app:main", "--introspection", "--name", "shop")
    async with Program(launch, *run, "--members", str(members)) as program:
        url = (await program.says(r"at (automanaged://\S+)", PATIENCE))[1]
        await program.says("all are active", 2 * PATIENCE)
        page = ("--port", str(port), "--cluster", url, "--name", "shop")
        async with Program(launch, "dashboard", *page, "--timeout", "30") as dashboard:
            await dashboard.says(rf"http://127\.0\.0\.1:{port}", PATIENCE)
            with browsing(folder / "profile") as browser:
                await asyncio.to_thread(browser.get, f"http://127.0.0.1:{port}/")
                yield program, browser
                assert complaints(browser) == []
            dashboard.signal(signal.SIGINT)
            assert await dashboard.ended(PATIENCE) == 0
            assert "Traceback" not in dashboard.output
        program.signal(signal.SIGTERM)
        await program.ended(PATIENCE)


async def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Look at the page, which changes by itself, until it shows what is wanted."""
    seen: T | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    seen = await asyncio.to_thread(look)
                    if wanted(seen):
                        return seen
                except WebDriverException:
                    pass  # what it looked at was drawn anew meanwhile
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"the page shows {seen!r}") from None


def text(browser: Chrome, selector: str) -> Callable[[], str]:
    return lambda: browser.find_element(By.CSS_SELECTOR, selector).text


def count(browser: Chrome, selector: str) -> Callable[[], int]:
    return lambda: len(browser.find_elements(By.CSS_SELECTOR, selector))


def click(browser: Chrome, selector: str) -> None:
    browser.find_element(By.CSS_SELECTOR, selector).click()


def run_script(browser: Chrome, script: str) -> object:
    return cast(Any, browser).execute_script(script)


def complaints(browser: Chrome) -> list[str]:
    """What the browser's console says, scripts that break and files that lack."""
    entries: list[dict[str, object]] = cast(Any, browser).get_log("browser")
    return [str(entry["message"]) for entry in entries]


async def test_a_member_that_is_killed_is_seen_without_a_reload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(tmp_path, monkeypatch, 3, 200) as (members, browser):
        await until(text(browser, "#fact-members"), lambda it: it == "3")
        await until(text(browser, "#fact-activations"), lambda it: it == "200")
        victim = await members.says(r"member 3 is (\S+), process (\d+)")
        run_script(browser, "window.loadedOnce = true")
        os.kill(int(victim[2]), signal.SIGKILL)
        await until(text(browser, "#fact-members"), lambda it: it == "2")
        gone = text(browser, "#members tr.is-gone")
        await until(gone, lambda it: victim[1] in it and "gone" in it)
        await until(
            text(browser, "#events"), lambda it: f"{victim[1]} left; 2 members" in it
        )
        await until(count(browser, "#lanes .leave"), lambda it: it == 2)
        await until(text(browser, "#events"), lambda it: it.count("hand-over") >= 4)
        assert run_script(browser, "return window.loadedOnce")


async def test_ten_thousand_activations_stay_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(tmp_path, monkeypatch, 1, 10_000) as (_, browser):
        await until(text(browser, "#fact-activations"), lambda it: it == "10,000")
        await until(text(browser, "#kinds"), lambda it: "10,000" in it)
        rows = "#found .grain:not(.head)"
        assert await until(count(browser, rows), bool) == 50  # of 10 000
        click(browser, "#more")
        await until(count(browser, rows), lambda it: it == 100)

        browser.find_element(By.ID, "contains").send_keys("0999")
        click(browser, "#search button")
        await until(count(browser, rows), lambda it: it == 11)  # c09990.., c00999
        browser.find_element(By.ID, "contains").clear()
        browser.find_element(By.ID, "contains").send_keys("c09999")
        click(browser, "#search button")
        await until(count(browser, rows), lambda it: it == 1)
        click(browser, rows)
        route = await until(text(browser, "#route"), lambda it: "under topology" in it)
        assert "Counter/c09999" in route
        assert "activation.start" in route
        assert await until(count(browser, "#pin"), bool) == 1

        click(browser, "#calls tr:has(td)")
        names = await until(
            lambda: [
                it.text.strip() for it in browser.find_elements(By.CLASS_NAME, "name")
            ],
            lambda it: "grain.handle" in it,
        )
        assert "grain.call" in names
