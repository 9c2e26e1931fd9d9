"""The program that members run: a module with `main` and `kinds`."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TypeAlias, cast

from protoactor import ActorError
from protoactor_cluster import Cluster
from protoactor_cluster.kind import Hostable

__all__ = ["BadProgram", "Main", "Program", "load_program"]

Main: TypeAlias = Callable[[Cluster], Awaitable[object]]


class BadProgram(ActorError):
    """What stands on the command line cannot be run."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a member does, and what it hosts."""

    main: Main
    kinds: Sequence[Hostable]
    messages: Sequence[type]
    errors: Sequence[type[Exception]]


def load_program(target: str) -> Program:
    """Import `module:function`, with the current folder on the path.

    Raises `BadProgram`; what the module itself raises is not caught.
    """
    module_name, colon, name = target.partition(":")
    if not colon or not module_name or not name:
        raise BadProgram(f"{target!r}: write MODULE:FUNCTION, such as app:main")
    module = _import(module_name)
    main = getattr(module, name, None)
    if not inspect.iscoroutinefunction(main):
        raise BadProgram(
            f"{target}: {module_name} needs `async def {name}(cluster: Cluster)`"
        )
    return Program(
        cast(Main, main),
        _kinds(module),
        tuple(getattr(module, "messages", ())),
        tuple(getattr(module, "errors", ())),
    )


def _import(name: str) -> ModuleType:
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise BadProgram(f"there is no module {name!r} in {here} or on the path") from (
            error
        )


def _kinds(module: ModuleType) -> Sequence[Hostable]:
    if not hasattr(module, "kinds"):
        raise BadProgram(
            f"{module.__name__} does not say what its members host: "
            "write `kinds = [Counter]` in it, or `kinds = []`"
        )
    return tuple(module.kinds)
