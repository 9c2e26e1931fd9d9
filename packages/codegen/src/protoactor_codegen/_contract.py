"""The contract of a service, in Python's terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from protoactor_codegen._comments import comments
from protoactor_codegen._messages import MessageType
from protoactor_codegen._names import go_name, python_name, refuse_twins
from protoactor_codegen._options import GrainOptions, grain_options
from protoactor_codegen._scope import Scope

__all__ = ["RESERVED", "Contract", "LeftOut", "Method", "contracts"]

# The public members of Grain, and what decorates every method of the class.
RESERVED = frozenset(
    {"call", "cluster", "every", "identity"}
    | {"on_activate", "on_deactivate", "on_message", "rpc"}
)

SERVICE = FileDescriptorProto.SERVICE_FIELD_NUMBER
METHOD = ServiceDescriptorProto.METHOD_FIELD_NUMBER


@dataclass(frozen=True, slots=True)
class Method:
    """A method that grains offer; `index` is its position, which calls carry."""

    index: int
    origin: str
    name: str
    request: MessageType
    response: MessageType
    streams: bool
    options: GrainOptions
    comment: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A method that takes a stream, as no grain can; it keeps its index."""

    index: int
    origin: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A service; its `kind` is the one that protoactor-go's generated code uses."""

    service: str
    kind: str
    members: tuple[Method | LeftOut, ...]
    comment: str

    @property
    def class_name(self) -> str:
        return f"{self.kind}Grain"

    @property
    def methods(self) -> list[Method]:
        return [member for member in self.members if isinstance(member, Method)]

    @property
    def message_types(self) -> set[MessageType]:
        """What the methods take and return."""
        types = ((method.request, method.response) for method in self.methods)
        return {message_type for pair in types for message_type in pair}


def contracts(file: FileDescriptorProto, scope: Scope) -> list[Contract]:
    """The contracts of a file's services, in their order."""
    found = [_contract(file, place, scope) for place in range(len(file.service))]
    refuse_twins((contract.class_name, contract.service) for contract in found)
    return found


def _contract(file: FileDescriptorProto, place: int, scope: Scope) -> Contract:
    service = file.service[place]
    contract = Contract(
        service=".".join(filter(None, (file.package, service.name))),
        kind=go_name(service.name),
        members=tuple(_members(file, place, scope)),
        comment=comments(file).get((SERVICE, place), ""),
    )
    refuse_twins(
        (method.name, f"{contract.service}.{method.origin}")
        for method in contract.methods
    )
    return contract


def _members(
    file: FileDescriptorProto, place: int, scope: Scope
) -> Iterator[Method | LeftOut]:
    remarks = comments(file)
    for index, method in enumerate(file.service[place].method):
        if method.client_streaming:
            yield LeftOut(index, method.name)
        else:
            comment = remarks.get((SERVICE, place, METHOD, index), "")
            yield _method(index, method, comment, scope)


def _method(
    index: int, method: MethodDescriptorProto, comment: str, scope: Scope
) -> Method:
    return Method(
        index=index,
        origin=method.name,
        name=python_name(method.name, RESERVED),
        request=scope.types[method.input_type],
        response=scope.types[method.output_type],
        streams=method.server_streaming,
        options=grain_options(method.options, scope.grain_options),
        comment=comment,
    )
