"""What is generated, character by character.

After a change that is meant: `UPDATE_GOLDEN=1 pytest packages/codegen`, then read
the diff.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Protoc = Callable[..., subprocess.CompletedProcess[str]]

# Not named *.py: they are no modules of this project.
GOLDEN = Path(__file__).parent / "golden"


def contracts(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*_grains.py"))
    return {
        file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in files
    }


def golden() -> dict[str, str]:
    files = sorted(GOLDEN.rglob("*.txt"))
    return {
        file.relative_to(GOLDEN).as_posix().removesuffix(".txt"): file.read_text(
            "utf-8"
        )
        for file in files
    }


def update(texts: dict[str, str]) -> None:
    for file in GOLDEN.rglob("*.txt"):
        file.unlink()
    for name, text in texts.items():
        target = GOLDEN / f"{name}.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def test_contracts_are_the_golden_ones(generated: Path) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        update(contracts(generated))
    assert contracts(generated) == golden()


def test_files_without_services_and_reasons_have_no_contracts(
    generated: Path,
) -> None:
    assert (generated / "plain_pb2.py").exists()
    assert not (generated / "plain_grains.py").exists()


def test_output_depends_neither_on_the_order_of_files_nor_on_hash_seeds(
    generated: Path,
    protoc: Protoc,
    protos: Path,
    proto_names: list[str],
    tmp_path: Path,
) -> None:
    names = reversed(proto_names)
    done = protoc(protos, tmp_path, *names, PYTHONHASHSEED="4711")
    assert done.returncode == 0, done.stderr
    assert contracts(tmp_path) == contracts(generated)


def test_a_file_compiled_alone_gives_the_same_contracts(
    generated: Path, protoc: Protoc, protos: Path, tmp_path: Path
) -> None:
    done = protoc(protos, tmp_path, "shop/counter-service.proto")
    assert done.returncode == 0, done.stderr
    name = "shop/counter_service_grains.py"
    assert contracts(tmp_path) == {name: contracts(generated)[name]}


def test_formatters_have_nothing_to_change(generated: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--check",
        "--diff",
    ]
    files = map(str, sorted(generated.rglob("*_grains.py")))
    done = subprocess.run(
        [*command, *files], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
