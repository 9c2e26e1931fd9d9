"""A small picture of curves, as SVG, with nothing but the standard library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["line_plot"]

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 40
COLOURS = ("#1f77b4", "#d62728", "#2ca02c")

Curve = Sequence[tuple[float, float]]


def line_plot(title: str, x_label: str, curves: Mapping[str, Curve], top: float) -> str:
    """Curves from the origin up to `top`; the abscissa ends where they do."""
    right = max(x for curve in curves.values() for x, _ in curve)
    parts = [_frame(title, x_label), *_grid(right, top)]
    for index, (name, curve) in enumerate(curves.items()):
        parts.append(_curve(index, name, [(x / right, y / top) for x, y in curve]))
    return "\n".join([*parts, "</svg>", ""])


def _frame(title: str, x_label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
        f'<text x="{LEFT}" y="16" font-size="13">{escape(title)}</text>\n'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">'
        f"{escape(x_label)}</text>"
    )


def _grid(right: float, top: float) -> list[str]:
    parts: list[str] = []
    for step in range(5):
        x, y = _place(step / 4, step / 4)
        parts += [
            f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#ddd"/>',
            f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{top * step / 4:g}</text>',
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
            f"{right * step / 4:,.0f}</text>",
        ]
    return parts


def _curve(index: int, name: str, shares: Curve) -> str:
    points = " ".join(f"{x},{y}" for x, y in (_place(*share) for share in shares))
    colour, legend = COLOURS[index % len(COLOURS)], LEFT + 8 + 190 * index
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>\n'
        f'<text x="{legend}" y="{TOP + 2}" fill="{colour}">{escape(name)}</text>'
    )


def _place(x: float, y: float) -> tuple[float, float]:
    """Shares of the axes as coordinates."""
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return round(LEFT + x * across, 1), round(HEIGHT - BOTTOM - y * down, 1)
