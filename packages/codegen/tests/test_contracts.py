"""Generated modules at run time.

Each test imports them in a process of its own: messages register in the one
descriptor pool of a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[[str], Any]

PRELUDE = """
import asyncio, dataclasses, json, typing
def show(value): print(json.dumps(value))
def rpcs(grain):
    noted = {name: getattr(f, "__protoactor_rpc__", None) for name, f in vars(grain).items()}
    return {name: dataclasses.astuple(options) for name, options in noted.items() if options}
def hints(method):
    found = typing.get_type_hints(method)
    return [found[name].DESCRIPTOR.full_name for name in ("request", "return")]
"""


@pytest.fixture
def run(generated: Path) -> Run:
    def run(code: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PRELUDE + code],
            env=os.environ | {"PYTHONPATH": str(generated)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def settings(
    index: int, *, idempotent: bool = False, reentrant: bool = False
) -> list[object]:
    return [index, None, idempotent, None, reentrant]


def test_streaming_methods_keep_their_index(run: Run) -> None:
    assert run("from streams_grains import StreamsGrain; show(rpcs(StreamsGrain))") == {
        "before": settings(0),
        "numbers": settings(2),
        "after": settings(4),
    }


def test_options_are_found_though_their_file_is_vendored(run: Run) -> None:
    assert run("from reenter_grains import ReenterGrain; show(rpcs(ReenterGrain))") == {
        "plain": settings(0),
        "reenterable": settings(1, reentrant=True),
        "future": settings(2),
        "both": settings(3, reentrant=True),
        "neither": settings(4),
        "idempotent": settings(5, idempotent=True),
        "peek": settings(6, idempotent=True, reentrant=True),
    }


def test_the_kind_is_the_service_name_as_protoactor_go_spells_it(run: Run) -> None:
    assert run(
        "import services_grains as s; show([s.FirstGrain.__kind__, s.LowerCase_2NdGrain.__kind__])"
    ) == ["First", "LowerCase_2Nd"]


@pytest.mark.parametrize(
    ("module", "method", "request_name", "reply_name"),
    [
        ("hello", "HelloGrain.say", "hello.Request", "hello.Reply"),
        ("shop.counter_service", "CounterGrain.restock", "shop.Item", "stock.Item"),
        (
            "shop.counter_service",
            "CounterGrain.flat",
            "shop.Item_Price",
            "shop.Item_Price",
        ),
        (
            "shop.counter_service",
            "CounterGrain.currency",
            "shop.Item.Price",
            "shop.Item.Price.Currency",
        ),
        (
            "shop.counter_service",
            "CounterGrain.wait",
            "google.protobuf.Duration",
            "google.protobuf.Empty",
        ),
        ("no_package", "BaresGrain.get", "Bare", "Bare.Inner"),
        ("legacy", "LegacyGrain.dig", "legacy.In.Detail", "legacy.Out"),
        (
            "keyword_module",
            "KeywordModuleGrain.run",
            "keywords.Behind",
            "keywords.Reply",
        ),
        ("keywords", "KeywordsGrain.message", "keywords.pass", "keywords.Outer.None"),
    ],
)
def test_annotations_name_the_message_classes(
    run: Run, module: str, method: str, request_name: str, reply_name: str
) -> None:
    code = f"import {module}_grains as grains; show(hints(grains.{method}))"
    assert run(code) == [request_name, reply_name]


def test_a_contract_answers_nothing_by_itself(run: Run) -> None:
    code = """
from hello_grains import HelloGrain
from hello_pb2 import Request
try:
    asyncio.run(HelloGrain().say(Request()))
except NotImplementedError:
    show("not implemented")
"""
    assert run(code) == "not implemented"


def test_reasons_travel_by_the_name_they_have_in_the_proto(run: Run) -> None:
    code = """
import reasons_grains as grains
names = [name for name in grains.__all__ if not name.startswith("is_")]
show({name: getattr(grains, name)().reason for name in names})
"""
    assert run(code) == {
        "unknown": "UNKNOWN",
        "user_not_found": "USER_NOT_FOUND",
        "system_error": "System_Error",
        "disk_full": "disk_full",
        "out_of_range": "outOfRange",
        "http_timeout": "HTTPTimeout",
        "none": "NONE",
        "str_": "STR",
        "hidden_": "_HIDDEN",
        "account_temporarily_locked_by_an_administrator": (
            "ACCOUNT_TEMPORARILY_LOCKED_BY_AN_ADMINISTRATOR"
        ),
    }


def test_an_error_is_recognized_by_its_own_tester_only(run: Run) -> None:
    code = """
import reasons_grains as grains
error = grains.user_not_found("no such user", name="ann")
show([
    error.message,
    error.metadata,
    grains.is_user_not_found(error),
    grains.is_disk_full(error),
    grains.is_user_not_found(ValueError("USER_NOT_FOUND")),
])
"""
    assert run(code) == ["no such user", {"name": "ann"}, True, False, False]


def test_comments_become_docstrings(run: Run) -> None:
    code = """
from remarks_grains import RemarksGrain
show([RemarksGrain.__doc__, RemarksGrain.quote.__doc__, RemarksGrain.silent.__doc__])
"""
    of_class, of_quote, of_silent = run(code)
    assert 'in "quotes", with a \\ backslash and """three quotes"""' in of_class
    assert "Grüße" in of_class
    assert (of_quote, of_silent) == ('Ends with a "quote"', None)
