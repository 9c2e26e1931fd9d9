"""The command that protoc and buf run."""

from __future__ import annotations

import sys
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.message import DecodeError

from protoactor_codegen._plugin import respond

__all__ = ["main"]

USAGE = """\
protoc-gen-protoactor is a plugin; run it through protoc:
    python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --protoactor_out=. x.proto
`protoc-gen-protoactor --proto-path` prints the -I folder of
protoactor_codegen/wire/options.proto."""


def main() -> None:
    """Answer the CodeGeneratorRequest on stdin with a response on stdout."""
    match sys.argv[1:]:
        case ["--proto-path"]:
            print(Path(__file__).parent.parent)
        case [] if not sys.stdin.isatty():
            sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
        case _:
            sys.exit(USAGE)


def answer(data: bytes) -> bytes:
    """The serialized response to a serialized request."""
    try:
        request = CodeGeneratorRequest.FromString(data)
    except DecodeError as error:
        sys.exit(f"protoc-gen-protoactor: no CodeGeneratorRequest on stdin: {error}")
    return respond(request).SerializeToString(deterministic=True)
