"""Tables for people: as wide as the terminal, or as wide as they are."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

__all__ = ["new_console", "new_table"]

WIDE = 240
"""Columns where nobody looks at a terminal: what reads it does not like broken lines."""


def new_console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def new_table(*headings: str, title: str = "") -> Table:
    """A table without lines."""
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
    )
    for heading in headings:
        table.add_column(heading, header_style="dim", overflow="fold")
    return table
