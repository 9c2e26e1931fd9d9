"""The article's ponger and pinger, as two programs that know only each other's port."""

from __future__ import annotations

import signal
import time

import pytest
from programs import EXAMPLES, Program

PINGPONG = EXAMPLES / "pingpong"
WAITED = 5.0
"""A node that waits in vain for its peers to leave takes so long."""


def is_clean(output: str) -> bool:
    noise = ("Traceback", "Task was destroyed", "never awaited", "ResourceWarning")
    return not any(word in output for word in noise)


async def interrupted(program: Program) -> float:
    """Press Ctrl-C; returns how many seconds it took to end."""
    started = time.monotonic()
    program.signal(signal.SIGINT)
    assert await program.ended(60.0) == 0
    return time.monotonic() - started


@pytest.mark.parametrize("pinger", ["pinger.py", "plain_pinger.py"])
async def test_pings_resume_whoever_starts_first_and_whoever_restarts(
    pinger: str,
) -> None:
    async with Program(PINGPONG / pinger) as pinging:
        await pinging.says("Ctrl-C ends it")
        async with Program(PINGPONG / "ponger.py") as ponging:
            await ponging.says("activated Ponger/ponger-1")
            await pinging.says(r"pong \d+\n(.*\n)*.*pong \d+")
            assert await interrupted(ponging) < WAITED
            assert "deactivated Ponger/ponger-1" in ponging.output
            assert is_clean(ponging.output)
        pinging.forget()
        async with Program(PINGPONG / "ponger.py") as ponging:
            await pinging.says(r"pong \d+\n(.*\n)*.*pong \d+")
            assert await interrupted(pinging) < WAITED
            assert is_clean(pinging.output)
            assert await interrupted(ponging) < WAITED
            assert is_clean(ponging.output)


async def test_a_port_in_use_is_one_clear_line() -> None:
    async with Program(PINGPONG / "ponger.py") as first:
        await first.says("Ctrl-C ends it")
        async with Program(PINGPONG / "ponger.py") as second:
            assert await second.ended(15.0) == 1
            assert len(second.output.splitlines()) == 1
            assert "8080" in second.output or "6331" in second.output
