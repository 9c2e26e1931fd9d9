"""Python names for protobuf names, and the kind that protoactor-go sends."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable

from protoactor_codegen._errors import CannotGenerate

__all__ = ["go_name", "python_name", "refuse_twins", "snake_case"]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LOWER_START = re.compile(r"(?:^|_|(?<=[0-9]))([a-z])")


def snake_case(name: str) -> str:
    """`GetHTTPPage`, `GET_HTTP_PAGE` and `get_HTTP_page` are all `get_http_page`."""
    words = [word for part in name.split("_") if part for word in _words(part)]
    return "_".join(words).lower()


def python_name(name: str, reserved: Collection[str]) -> str:
    """Public snake case; what Python or `reserved` claims ends with an underscore."""
    snake = snake_case(name)
    if name.startswith("_") or keyword.iskeyword(snake) or snake in reserved:
        snake += "_"
    if not snake.isidentifier() or snake == "_":
        raise CannotGenerate(f"{name!r} leaves no usable name in Python: rename it")
    return snake


def go_name(name: str) -> str:
    """The camel case in which protoc-gen-go, and so protoactor-go, spells `name`."""
    if name.startswith("_"):
        return f"X{_capitalized(name[1:])}"
    return _capitalized(name)


def refuse_twins(named: Iterable[tuple[str, str]]) -> None:
    """Raise `CannotGenerate` if two pairs (Python name, origin) share their name."""
    origins: dict[str, str] = {}
    for name, origin in named:
        if name in origins:
            raise CannotGenerate(
                f"{origins[name]} and {origin} would both be {name!r} in Python:"
                " rename one of them"
            )
        origins[name] = origin


def _words(part: str) -> list[str]:
    return _HUMP.split(part) if any(map(str.islower, part)) else [part]


def _capitalized(name: str) -> str:
    return _LOWER_START.sub(lambda match: match[1].upper(), name)
