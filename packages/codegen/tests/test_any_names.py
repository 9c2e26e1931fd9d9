"""Whatever a .proto calls its things and says of them, the output is sound Python."""

from __future__ import annotations

import ast
import keyword

from google.protobuf.compiler.plugin_pb2 import (
    CodeGeneratorRequest,
    CodeGeneratorResponse,
)
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from hypothesis import given
from hypothesis import strategies as st

from protoactor_codegen._main import answer

identifiers = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
identifiers |= st.sampled_from([*keyword.kwlist, "call", "Rpc", "on_message", "str"])


def generate(file: FileDescriptorProto) -> CodeGeneratorResponse:
    request = CodeGeneratorRequest(file_to_generate=[file.name], proto_file=[file])
    data = answer(request.SerializeToString())
    return CodeGeneratorResponse.FromString(data)


def file_with(
    service: str, methods: list[str], reasons: list[str], comment: str = ""
) -> FileDescriptorProto:
    file = FileDescriptorProto(name="any.proto", package="any")
    file.message_type.add(name="In")
    added = file.service.add(name=service)
    for method in methods:
        added.method.add(name=method, input_type=".any.In", output_type=".any.In")
    enum = file.enum_type.add(name="ErrorReason")
    for number, reason in enumerate(reasons):
        enum.value.add(name=reason, number=number)
    for path in ([6, 0], [6, 0, 2, 0], [5, 0, 2, 0]):
        file.source_code_info.location.add(path=path, leading_comments=comment)
    return file


@given(
    identifiers,
    st.lists(identifiers, unique=True, max_size=6),
    st.lists(identifiers, unique=True, max_size=6),
)
def test_names_are_public_and_distinct_or_refused(
    service: str, methods: list[str], reasons: list[str]
) -> None:
    response = generate(file_with(service, methods, reasons))
    if response.error:
        assert "rename" in response.error
        assert not response.file
        return
    module = ast.parse(response.file[0].content)
    (contract,) = (node for node in module.body if isinstance(node, ast.ClassDef))
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    inside = [node for node in contract.body if isinstance(node, ast.AsyncFunctionDef)]
    assert len(inside) == len({node.name for node in inside}) == len(methods)
    assert len({node.name for node in functions}) == 2 * len(reasons)
    assert not any(node.name.startswith("_") for node in [*functions, *inside])
    assert not {node.name for node in inside} & {"call", "rpc", "on_message"}
    assert not {node.name for node in functions} & {"str", "rpc", "isinstance"}


@given(st.text() | st.text('"\\\\\n\t *{}#a'))
def test_comments_stay_inside_their_docstrings(comment: str) -> None:
    plain = generate(file_with("Till", ["Pay"], ["UNPAID"])).file[0].content
    said = generate(file_with("Till", ["Pay"], ["UNPAID"], comment)).file[0].content
    assert code_of(said) == code_of(plain)


def code_of(text: str) -> str:
    """The module's code without its docstrings."""
    module = ast.parse(text)
    for node in ast.walk(module):
        documented = isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        if documented and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.dump(module)
