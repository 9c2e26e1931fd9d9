"""Python modules of a .proto file, named as protoc's own Python generator does."""

from __future__ import annotations

__all__ = ["grains_module", "grains_path", "module_alias", "pb2_module"]


def pb2_module(proto: str) -> str:
    """`a/b-c.proto` has its messages in `a.b_c_pb2`."""
    return f"{_stem(proto)}_pb2"


def grains_module(proto: str) -> str:
    """`a/b-c.proto` has its contracts in `a.b_c_grains`."""
    return f"{_stem(proto)}_grains"


def grains_path(module: str) -> str:
    """Where protoc writes the module, below its output folder."""
    return f"{module.replace('.', '/')}.py"


def module_alias(module: str) -> str:
    """One identifier per module: `a.b_c_pb2` becomes `a_dot_b__c__pb2`."""
    return module.replace("_", "__").replace(".", "_dot_")


def _stem(proto: str) -> str:
    stem = proto.removesuffix(".protodevel").removesuffix(".proto")
    return stem.replace("-", "_").replace("/", ".")
