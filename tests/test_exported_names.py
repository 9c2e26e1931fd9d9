"""`__all__` names what a module offers: no more, no less."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts[3:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_public(path: Path) -> bool:
    """No part of the module's name is private, and it is not generated code."""
    parts = module_name(path).split(".")
    return "wire" not in parts and not any(part[0] == "_" for part in parts)


MODULES = {
    module_name(path): path
    for path in sorted(ROOT.glob("packages/*/src/**/*.py"))
    if is_public(path)
}
PACKAGES = {name: path for name, path in MODULES.items() if path.stem == "__init__"}


def offered(name: str) -> set[str]:
    """The module's `__all__`; a module without one fails the test that asks."""
    return set(importlib.import_module(name).__all__)


def bound_by_import(path: Path) -> set[str]:
    """Public names that the statements `from our module import name` bind."""
    nodes = (node for node in ast.parse(path.read_text()).body)
    froms = (node for node in nodes if isinstance(node, ast.ImportFrom))
    ours = (node for node in froms if (node.module or "").startswith("protoactor"))
    names = {alias.asname or alias.name for node in ours for alias in node.names}
    return {name for name in names if not name.startswith("_")}


def defined(path: Path) -> set[str]:
    """Public classes and functions at the top level of a module."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = ast.parse(path.read_text()).body
    names = {node.name for node in nodes if isinstance(node, kinds)}
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("name", MODULES)
def test_every_name_in_all_exists(name: str) -> None:
    module = importlib.import_module(name)
    assert [n for n in module.__all__ if not hasattr(module, n)] == []


@pytest.mark.parametrize("name", MODULES)
def test_all_has_no_doubles_and_nothing_private(name: str) -> None:
    names: list[str] = importlib.import_module(name).__all__
    assert len(set(names)) == len(names)
    assert [n for n in names if n.startswith("_") and not n.startswith("__")] == []


@pytest.mark.parametrize("name", MODULES)
def test_what_a_public_module_defines_is_in_all(name: str) -> None:
    assert defined(MODULES[name]) - offered(name) == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_what_a_package_imports_from_us_is_in_all(name: str) -> None:
    assert bound_by_import(PACKAGES[name]) - offered(name) == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_what_it_is(name: str) -> None:
    assert importlib.import_module(name).__doc__


def test_there_are_modules() -> None:
    assert {"protoactor", "protoactor.errors"} <= set(MODULES)
