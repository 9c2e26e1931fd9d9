"""The page of names has every name, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from protoactor import telemetry as core
from protoactor_cluster import telemetry as cluster
from protoactor_remote import telemetry as remote

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reference" / "telemetry.md").read_text()
HOW_TO = (ROOT / "docs" / "how-to" / "see-what-your-cluster-does.md").read_text()
METRICS = {*core.METRICS, *remote.METRICS, *cluster.METRICS}


def attributes(module: object, prefix: str) -> set[str]:
    values = (value for value in vars(module).values() if isinstance(value, str))
    return {value for value in values if re.fullmatch(rf"{prefix}\.[a-z.]+", value)}


def rows(text: str) -> list[str]:
    """What stands first in the rows of its tables."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def test_the_page_has_every_name_once() -> None:
    names = rows(PAGE)
    assert len(set(names)) == len(names)
    ours = attributes(cluster, "protoactor")
    assert set(names) == METRICS | set(cluster.SPANS) | ours


def test_attributes_of_messages_are_on_the_page() -> None:
    assert set(re.findall(r"`(proto\.\w+)`", PAGE)) == attributes(core, "proto")


@pytest.mark.parametrize("text", [PAGE, HOW_TO], ids=["reference", "how-to"])
def test_no_page_names_what_does_not_exist(text: str) -> None:
    metrics = re.findall(r"`((?:protoactor|protoremote|protocluster)_\w+)`", text)
    packages = {"protoactor_cluster", "protoactor_remote"}
    assert set(metrics) - packages <= METRICS
    said = re.findall(r"`(protoactor\.[a-z]+\.?[a-z.]*)`", text)
    modules = {"protoactor.tracing", "protoactor.tracing."}
    assert set(said) - modules <= attributes(cluster, "protoactor")


def test_the_how_to_explains_every_span() -> None:
    explained = set(re.findall(r"`([a-z]+(?:\.[a-z]+)?)`", HOW_TO))
    assert set(cluster.SPANS) <= explained
