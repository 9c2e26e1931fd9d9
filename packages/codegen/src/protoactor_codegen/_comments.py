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
    lines = textwrap.dedent(comment.expandtabs(4)).strip().split("\n")
    return "\n".join("".join(filter(str.isprintable, line)).rstrip() for line in lines)
