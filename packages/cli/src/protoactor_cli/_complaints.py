"""What goes wrong as one line for people, and the exit code for programs."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console

from protoactor import ActorError

__all__ = ["EXPLAINED", "FAILED", "complaints", "shout"]

EXPLAINED = (ActorError, OSError, ValueError)
"""Errors whose text says what to do."""

FAILED = 1


def shout(text: str) -> None:
    """Say something on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


@contextmanager
def complaints() -> Generator[None, None, None]:
    """Errors that explain themselves need no traceback."""
    try:
        yield
    except EXPLAINED as error:
        shout(f"protoactor: {error}")
        raise SystemExit(FAILED) from error
