"""The text of a generated module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from protoactor_codegen._contract import Contract, LeftOut, Method
from protoactor_codegen._imports import preamble
from protoactor_codegen._layout import bracketed, docstring, fits
from protoactor_codegen._reasons import Reason

__all__ = ["render"]

INDENT = "    "


def render(proto: str, contracts: Sequence[Contract], reasons: Sequence[Reason]) -> str:
    """The module with these contracts and error reasons."""
    blocks = [preamble(proto, contracts, reasons)]
    blocks += map(_contract_class, contracts)
    blocks += [text for one in reasons for text in (_constructor(one), _tester(one))]
    return "\n\n\n".join(blocks) + "\n"


def _contract_class(contract: Contract) -> str:
    kind = f'kind="{contract.kind}"'
    head = bracketed(f"class {contract.class_name}", ["Grain", kind], ":")
    purpose = "subclass it to host, use it to call."
    summary = f"Contract of service {contract.service}: {purpose}"
    text = "\n\n".join(filter(None, (summary, contract.comment)))
    members = map(_member, contract.members)
    return "\n\n".join([f"{head}\n{docstring(text)}", *members])


def _member(member: Method | LeftOut) -> str:
    match member:
        case LeftOut(index, origin):
            return f"{INDENT}# {origin} (index {index}) is left out: no grain takes a stream."
        case Method():
            return "\n".join(_method(member))


def _method(method: Method) -> Iterator[str]:
    yield f"{INDENT}@rpc({', '.join(_rpc_arguments(method))})"
    request = f"request: {method.request.expression}"
    response = method.response.expression
    if method.streams:
        head, returns = f"def {method.name}", f"AsyncIterator[{response}]"
    else:
        head, returns = f"async def {method.name}", response
    yield bracketed(head, ["self", request], f" -> {returns}:", INDENT)
    if method.comment:
        yield docstring(method.comment, INDENT * 2)
    yield f"{INDENT * 2}raise NotImplementedError"


def _rpc_arguments(method: Method) -> Iterator[str]:
    yield f"index={method.index}"
    if method.options.idempotent:
        yield "idempotent=True"
    if method.options.reentrant:
        yield "reentrant=True"


def _constructor(reason: Reason) -> str:
    parameters = ['message: str = ""', "**metadata: str"]
    text = reason.comment or f"The error with reason {reason.value}."
    arguments = [f'"{reason.value}"', "message", "metadata"]
    return "\n".join(
        [
            bracketed(f"def {reason.constructor}", parameters, " -> GrainError:"),
            docstring(text),
            bracketed("return GrainError", arguments, "", INDENT),
        ]
    )


def _tester(reason: Reason) -> str:
    head = bracketed(f"def {reason.tester}", ["error: BaseException"], " -> bool:")
    text = docstring(f"Whether a grain refused with reason {reason.value}.")
    grain_error = "isinstance(error, GrainError)"
    same = f'error.reason == "{reason.value}"'
    body = f"{INDENT}return {grain_error} and {same}"
    if not fits(body):
        lines = ["return (", f"    {grain_error}", f"    and {same}", ")"]
        body = "\n".join(f"{INDENT}{line}" for line in lines)
    return f"{head}\n{text}\n{body}"
