"""Draws curves as a small SVG: a logarithmic x axis, a y axis that begins at 0."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Curve", "draw"]

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 40, 44
COLOURS = ("#3b6ea8", "#c25e2e", "#4b8b52", "#7d5ba6")
STYLE = "font-family: sans-serif; font-size: 12px; fill: #777"


class Curve(NamedTuple):
    """A name and its points."""

    name: str
    points: Sequence[tuple[float, float]]


def draw(title: str, unit: str, curves: Sequence[Curve]) -> str:
    """The SVG document."""
    points = [point for curve in curves for point in curve.points]
    frame = Frame(points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{title}" style="{STYLE}">',
        f'<text x="{LEFT}" y="18" font-weight="bold">{title}</text>',
        f'<text x="{LEFT}" y="33">{unit}</text>',
        *frame.lines(),
    ]
    for curve, colour in zip(curves, COLOURS, strict=False):
        parts += frame.curve(curve, colour)
    return "\n".join([*parts, "</svg>", ""])


class Frame:
    """Where a value lies on the page."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self._xs = sorted({x for x, _ in points})
        self._top = _round_up(max(y for _, y in points))

    def x(self, value: float) -> float:
        first, last = math.log(self._xs[0]), math.log(self._xs[-1])
        share = (math.log(value) - first) / (last - first or 1.0)
        return round(LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24), 1)

    def y(self, value: float) -> float:
        height = HEIGHT - TOP - BOTTOM
        return round(TOP + height * (1 - value / self._top), 1)

    def lines(self) -> Iterator[str]:
        """The axes, with what they are labelled."""
        for part in range(5):
            value = self._top * part / 4
            y = self.y(value)
            yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#7774"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>'
        for value in self._xs:
            x = self.x(value)
            y = HEIGHT - BOTTOM + 18
            yield f'<text x="{x}" y="{y}" text-anchor="middle">{value:,.0f}</text>'

    def curve(self, curve: Curve, colour: str) -> Iterator[str]:
        places = [(self.x(x), self.y(y)) for x, y in curve.points]
        line = " ".join(f"{x},{y}" for x, y in places)
        yield f'<polyline points="{line}" fill="none" stroke="{colour}"/>'
        for x, y in places:
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'


def _round_up(value: float) -> float:
    """The next number that is easily divided by four."""
    unit = 10.0 ** math.floor(math.log10(value))
    steps = (1, 2, 4, 6, 8, 10)
    return next(step * unit for step in steps if step * unit >= value)
