"""From protoc's request to the files it asked for."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.compiler.plugin_pb2 import (
    CodeGeneratorRequest,
    CodeGeneratorResponse,
)
from google.protobuf.descriptor_pb2 import (
    EDITION_2024,
    EDITION_PROTO2,
    FileDescriptorProto,
)

from protoactor_codegen._contract import contracts
from protoactor_codegen._errors import CannotGenerate
from protoactor_codegen._modules import grains_module, grains_path
from protoactor_codegen._reasons import error_reasons
from protoactor_codegen._render import render
from protoactor_codegen._scope import Scope

__all__ = ["respond"]

# Contracts name messages and never look at their fields: every edition is alike.
SUPPORTED = (
    CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS
)


def respond(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """The generated files, or the reason why there are none."""
    response = CodeGeneratorResponse(
        supported_features=SUPPORTED,
        minimum_edition=EDITION_PROTO2,
        maximum_edition=EDITION_2024,
    )
    try:
        response.file.extend(list(generate(request)))
    except CannotGenerate as error:
        response.error = str(error)
    return response


def generate(request: CodeGeneratorRequest) -> Iterator[CodeGeneratorResponse.File]:
    """A file for each .proto that has services or an `ErrorReason`."""
    if request.parameter:
        raise CannotGenerate(f"--protoactor_opt {request.parameter!r}: it takes none")
    scope = Scope.of(request.proto_file)
    files = {file.name: file for file in request.proto_file}
    for name in request.file_to_generate:
        try:
            yield from grains_file(files[name], scope)
        except CannotGenerate as error:
            raise CannotGenerate(f"{name}: {error}") from error


def grains_file(
    file: FileDescriptorProto, scope: Scope
) -> Iterator[CodeGeneratorResponse.File]:
    """The file's contracts and error reasons; nothing if it has neither."""
    services = contracts(file, scope)
    reasons = error_reasons(file)
    if services or reasons:
        path = grains_path(grains_module(file.name))
        content = render(file.name, services, reasons)
        yield CodeGeneratorResponse.File(name=path, content=content)
