"""The live view: redrawn in place on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys

from state import DemoState

CLEAR_LINE = "\x1b[2K"


class Screen:
    """Shows the state and what has happened so far."""

    def __init__(self, state: DemoState) -> None:
        self._state = state
        self._live = sys.stdout.isatty()
        self._drawn = 0
        self._told = 0

    def tell(self, text: str) -> None:
        """Add a line to the story."""
        self._state.said.append(text)
        self.draw()

    def draw(self) -> None:
        news = self._state.said[self._told :]
        self._told = len(self._state.said)
        if not self._live:
            for line in news:
                print(line, flush=True)
            return
        out = f"\x1b[{self._drawn}A" if self._drawn else ""
        for line in news:
            out += f"{CLEAR_LINE}{line}\n"
        board = self._board()
        for line in board:
            out += f"{CLEAR_LINE}{line}\n"
        self._drawn = len(board)
        sys.stdout.write(out)
        sys.stdout.flush()

    def _board(self) -> list[str]:
        state = self._state
        members = "  ".join(
            f"[{address}]" if address == state.host else address
            for address in state.members
        )
        return [
            "-" * 72,
            f"  members    {members or 'none yet'}",
            f"  ponger-1   lives on {state.host or '-'}",
            f"  calls      {state.calls:>8}   {state.rate:6.0f}/s   "
            f"p50 {state.percentile(0.5):6.2f} ms   p99 {state.percentile(0.99):6.2f} ms",
            f"  failed     {state.failed:>8}   {state.last_failure[:52]}",
            "-" * 72,
        ]
