"""The options file that the distribution ships, and others with its number."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import protoactor_codegen

Protoc = Callable[..., subprocess.CompletedProcess[str]]

SHIPPED_ROOT = Path(protoactor_codegen.__file__).parent.parent
SHIPPED = """
syntax = "proto3";
package shop;
import "protoactor_codegen/wire/options.proto";
message In {}
service Till {
  rpc Pay(In) returns (In) {
    option (options.method_options) = { reenterable: true idempotent: true };
  }
}
"""
FOREIGN = """
syntax = "proto3";
package shop;
import "google/protobuf/descriptor.proto";
message In {}
extend google.protobuf.MethodOptions { string role = 50000; }
service Till {
  rpc Pay(In) returns (In) { option (role) = "cashier"; }
}
"""
LOOKALIKE = """
syntax = "proto3";
package shop;
import "google/protobuf/descriptor.proto";
message In {}
message Access { bool anonymous = 1; }
extend google.protobuf.MethodOptions { Access access = 50000; }
service Till {
  rpc Pay(In) returns (In) { option (access).anonymous = true; }
}
"""


def till(protoc: Protoc, folder: Path, text: str) -> str:
    (folder / "till.proto").write_text(text)
    done = protoc(folder, folder, f"-I{SHIPPED_ROOT}", "till.proto")
    assert done.returncode == 0, done.stderr
    return (folder / "till_grains.py").read_text()


def test_the_shipped_file_declares_idempotent_too(
    protoc: Protoc, tmp_path: Path
) -> None:
    contract = till(protoc, tmp_path, SHIPPED)
    assert "@rpc(index=0, idempotent=True, reentrant=True)" in contract


def test_messages_of_a_file_that_imports_the_shipped_one_can_be_imported(
    protoc: Protoc, tmp_path: Path
) -> None:
    till(protoc, tmp_path, SHIPPED)
    subprocess.run(
        [sys.executable, "-W", "error", "-c", "import till_pb2"],
        cwd=tmp_path,
        timeout=60,
        check=True,
    )


def test_another_option_with_the_same_number_means_nothing(
    protoc: Protoc, tmp_path: Path
) -> None:
    assert "@rpc(index=0)\n" in till(protoc, tmp_path, FOREIGN)
    assert "@rpc(index=0)\n" in till(protoc, tmp_path, LOOKALIKE)
