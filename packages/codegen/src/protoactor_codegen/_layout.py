"""Generated lines, broken and quoted the way formatters leave them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["bracketed", "docstring", "fits"]

WIDTH = 88

# Quotes that, with their neighbours, could end the docstring.
_CLOSING_QUOTE = re.compile(r'"(?="|\Z)')


def fits(line: str) -> bool:
    return len(line) <= WIDTH


def bracketed(head: str, items: Sequence[str], tail: str, indent: str = "") -> str:
    """`head(items)tail`; the items move to lines of their own where it is too long."""
    inside = ", ".join(items)
    whole = f"{indent}{head}({inside}){tail}"
    if fits(whole):
        return whole
    body = f"{indent}    {inside}"
    lone_parameter = bool(tail) and len(items) == 1
    if lone_parameter or not fits(body):
        body = "\n".join(f"{indent}    {item}," for item in items)
    return f"{indent}{head}(\n{body}\n{indent}){tail}"


def docstring(text: str, indent: str = "    ") -> str:
    """A docstring of one line or many, whatever characters the text has."""
    escaped = _CLOSING_QUOTE.sub(r"\\\g<0>", text.replace("\\", "\\\\"))
    first, *rest = escaped.split("\n")
    end = [f'{indent}"""'] if rest else []
    lines = [
        f'{indent}"""{first}',
        *(f"{indent}{line}".rstrip() for line in rest),
        *end,
    ]
    return "\n".join(lines) + ("" if rest else '"""')
