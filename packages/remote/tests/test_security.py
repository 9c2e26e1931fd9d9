"""What the page on guarantees promises about security, line by line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import protoactor_remote
from protoactor import NotSent
from protoactor_remote import RemoteOptions
from protoactor_remote.wire import remote_pb2

if TYPE_CHECKING:
    from .conftest import Nodes

FORBIDDEN = {"pickle", "marshal", "shelve", "importlib", "runpy", "pkgutil"}
MODULE = "antigravity"
"""Of the standard library; nobody imports it, and it would open a browser."""


def batch(type_name: str, serializer_id: int, target: str, data: bytes) -> bytes:
    envelope = remote_pb2.MessageEnvelope(
        message_data=data, serializer_id=serializer_id
    )
    made = remote_pb2.MessageBatch(
        type_names=[type_name], targets=[target], envelopes=[envelope]
    )
    return remote_pb2.RemoteMessage(message_batch=made).SerializeToString()


@pytest.mark.parametrize("name", [MODULE, f"{MODULE}.geohash", f"{MODULE}:geohash"])
async def test_nothing_is_imported_by_a_name_from_the_wire(
    memory_nodes: Nodes, name: str
) -> None:
    a, peer = await memory_nodes.start(), await memory_nodes.fake()
    probe = a.probe()
    stream = await peer.dial(a.address)
    for serializer_id in (0, 1, 64, 2):
        await stream.write(batch(name, serializer_id, probe.pid.id, b"\x80"))
    await stream.end()
    assert await stream.read() is None
    assert a.remote._node.statistics.bad_messages == 4
    assert MODULE not in sys.modules


def test_nothing_here_can_unpickle_or_import_by_name() -> None:
    root = Path(protoactor_remote.__file__).parent
    sources = [file for file in root.rglob("*.py") if not file.stem.endswith("_pb2")]
    assert len(sources) > 30
    found = {name for file in sources for name in imported(file)}
    assert found & FORBIDDEN == set()


def imported(file: Path) -> set[str]:
    """Top-level names of the modules that a file imports, and what it calls to do so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module)):
                names.add(module.partition(".")[0])
            case ast.Call(func=ast.Name(id="__import__" | "eval" | "exec")):
                names.add("importlib")
            case _:
                pass
    return names


async def test_a_node_can_be_called_from_this_machine_alone_unless_told_otherwise(
    grpc_nodes: Nodes,
) -> None:
    a = await grpc_nodes.start()
    assert a.address.startswith("127.0.0.1:")


async def test_processes_are_shown_to_nobody_unless_asked_for(nodes: Nodes) -> None:
    a, silent = await nodes.start(), await nodes.start()
    open_one = await nodes.start(options=RemoteOptions(diagnostics=True))
    with pytest.raises(NotSent):
        await a.remote.processes(silent.address)
    with pytest.raises(NotSent):
        await a.remote.describe(silent.pid("activator"))
    assert await a.remote.processes(open_one.address) != []
