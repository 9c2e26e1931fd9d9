"""What the author of a .proto wrote beside its elements."""

from __future__ import annotations

import textwrap

from google.protobuf.descriptor_pb2 import FileDescriptorProto

__all__ = ["comments"]


def comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    """Comments by the path of their element: field numbers and positions."""
    return {
        tuple(location.path): text
        for location in file.source_code_info.location
        if (text := _text(location.leading_comments or location.trailing_comments))
    }


def _text(comment: str) -> str:
    # protoc takes the stars away from every line of /** ... */ but the first
    text = textwrap.dedent(comment.removeprefix("*").expandtabs(4)).strip()
    return "\n".join(_printable(line) for line in text.split("\n"))


def _printable(line: str) -> str:
    return "".join(one if one.isprintable() else " " for one in line).rstrip()
