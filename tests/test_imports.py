"""What modules import from each other, beyond the layers that import-linter holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for path in ROOT.glob("packages/*/src/**/*.py")
    if not path.stem.endswith(("_pb2", "_pb2_grpc"))
)
OURS = "protoactor"


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(), path)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case _:
                pass


def distribution_root(path: Path) -> str:
    return path.relative_to(ROOT).parts[3]


def is_private(dotted: str) -> bool:
    """Whether a part has one leading underscore; `__version__` and its like are public."""
    return any(re.match(r"_(?!_)", part) for part in dotted.split("."))


def test_there_are_sources() -> None:
    assert SOURCES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_private_of_a_sibling(path: Path) -> None:
    own = distribution_root(path)
    siblings = (name for name in imported(path) if name.startswith(OURS))
    foreign = [name for name in siblings if name.partition(".")[0] != own]
    assert [name for name in foreign if is_private(name)] == []
