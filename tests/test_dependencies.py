"""What a package imports is what its pyproject.toml says it needs."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMESPACES = {"google": {"protobuf"}, "opentelemetry": {"opentelemetry-api"}}
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))


def offered_by(top: str) -> set[str]:
    """Distributions with an import package of this name; ours are not installed."""
    if top.startswith("protoactor"):
        return {"protoactor-core" if top == "protoactor" else normal(top)}
    return NAMESPACES.get(top) or {normal(n) for n in packages_distributions()[top]}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(folder: Path) -> set[str]:
    """Distributions that the package requires, extras included, and itself."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    names = (re.match(r"[\w.-]+", line) for line in lines)
    return {project["name"], *(normal(name[0]) for name in names if name)}


def imported(path: Path) -> Iterator[str]:
    """First parts of what a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(), path)):
        match node:
            case ast.Import(names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case _:
                pass


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_import_is_declared(folder: Path) -> None:
    files = sorted((folder / "src").rglob("*.py"))
    tops = {top for path in files for top in imported(path)} - sys.stdlib_module_names
    assert {top for top in tops if not offered_by(top) & declared(folder)} == set()
