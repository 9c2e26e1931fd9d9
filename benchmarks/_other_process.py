"""The other one of two processes."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["free_port", "other_process"]

ROOT = Path(__file__).parent.parent
PATIENCE = 10.0


@contextmanager
def other_process(module: str, *arguments: str) -> Generator[str]:
    """Run a module while the block lasts; its first line, such as an address.

    It prints that when it is ready, and ends when its standard input does.
    """
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as it:
        assert it.stdin is not None and it.stdout is not None
        try:
            line = it.stdout.readline()
            if not line:
                raise RuntimeError(f"{module} has ended before it was ready")
            yield line.strip()
            it.stdin.close()
            it.wait(PATIENCE)
        finally:
            it.kill()


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
    return port
