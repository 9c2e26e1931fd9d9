"""Valid .proto files that no Python contract fits: protoc fails and says why."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Protoc = Callable[..., subprocess.CompletedProcess[str]]

HEAD = 'syntax = "proto3"; package shop; message In {}\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "service Till { rpc GetPrice(In) returns (In); rpc Get_Price(In) returns (In); }",
            "shop.Till.GetPrice and shop.Till.Get_Price would both be 'get_price'",
            id="methods",
        ),
        pytest.param(
            "service Till { rpc Call(In) returns (In); rpc Call_(In) returns (In); }",
            "shop.Till.Call and shop.Till.Call_ would both be 'call_'",
            id="reserved methods",
        ),
        pytest.param(
            "service card_till {} service CardTill {}",
            "shop.card_till and shop.CardTill would both be 'CardTillGrain'",
            id="services",
        ),
        pytest.param(
            "enum ErrorReason { NOT_PAID = 0; NotPaid = 1; }",
            "ErrorReason.NOT_PAID and ErrorReason.NotPaid would both be 'not_paid'",
            id="reasons",
        ),
        pytest.param(
            "enum ErrorReason { PAID = 0; IS_PAID = 1; }",
            "ErrorReason.PAID and ErrorReason.IS_PAID would both be 'is_paid'",
            id="reason and tester",
        ),
        pytest.param(
            "service Till { rpc _(In) returns (In); }",
            "'_' leaves no usable name in Python",
            id="no letters",
        ),
        pytest.param(
            "enum ErrorReason { _404 = 0; }",
            "'_404' leaves no usable name in Python",
            id="a digit first",
        ),
    ],
)
def test_names_that_python_cannot_have(
    protoc: Protoc, tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "shop.proto").write_text(HEAD + text)
    done = protoc(tmp_path, tmp_path, "shop.proto")
    assert done.returncode != 0
    assert f"shop.proto: {reason}" in done.stderr
    assert not (tmp_path / "shop_grains.py").exists()


def test_methods_left_out_do_not_collide(protoc: Protoc, tmp_path: Path) -> None:
    methods = "rpc Pay(In) returns (In); rpc pay(stream In) returns (In);"
    (tmp_path / "shop.proto").write_text(f"{HEAD}service Till {{ {methods} }}")
    done = protoc(tmp_path, tmp_path, "shop.proto")
    assert done.returncode == 0, done.stderr


def test_plugin_options_do_not_exist(
    protoc: Protoc, protos: Path, tmp_path: Path
) -> None:
    done = protoc(protos, tmp_path, "--protoactor_opt=paths=source", "hello.proto")
    assert done.returncode != 0
    assert "--protoactor_opt 'paths=source': it takes none" in done.stderr
