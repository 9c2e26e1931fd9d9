"""Boards, alerts and configuration name only what our telemetry has."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from opentelemetry.metrics import MeterProvider, NoOpMeter

from protoactor import telemetry as core
from protoactor_cluster import telemetry as cluster
from protoactor_remote import telemetry as remote
from protoactor_testkit import Members

FOLDER = Path(__file__).parent.parent / "dashboards"
BOARDS = sorted((FOLDER / "grafana").glob("*.json"))
YAMLS = sorted(FOLDER.rglob("*.yaml"))
OURS = re.compile(r"\b(?:protoactor|protoremote|protocluster)_\w+")
UNITS = {"s": "_seconds", "By": "_bytes", "": ""}
GIVEN = {"job", "instance", "le"}
"""Labels that come with the collector and with histograms."""


class Catalogue(MeterProvider):
    """Notes which instruments are made, and what Prometheus will call them."""

    def __init__(self) -> None:
        self.otel: set[str] = set()
        self.prometheus: set[str] = set()

    def get_meter(self, name: str, *_: Any, **__: Any) -> NoOpMeter:
        return CataloguingMeter(self, name)

    def note(self, name: str, unit: str, kind: str) -> None:
        """As the collector's Prometheus exporter translates names and units."""
        self.otel.add(name)
        base = name.removesuffix("_total") + UNITS[unit]
        endings = {
            "counter": ["_total"],
            "gauge": [""],
            "histogram": ["_bucket", "_sum", "_count"],
        }
        self.prometheus |= {base + ending for ending in endings[kind]}


class CataloguingMeter(NoOpMeter):
    def __init__(self, catalogue: Catalogue, name: str) -> None:
        super().__init__(name)
        self._catalogue = catalogue

    def create_observable_counter(
        self, name: str, callbacks: Any = None, unit: str = "", description: str = ""
    ) -> Any:
        self._catalogue.note(name, unit, "counter")
        return super().create_observable_counter(name, callbacks, unit, description)

    def create_observable_gauge(
        self, name: str, callbacks: Any = None, unit: str = "", description: str = ""
    ) -> Any:
        self._catalogue.note(name, unit, "gauge")
        return super().create_observable_gauge(name, callbacks, unit, description)

    def create_histogram(
        self, name: str, unit: str = "", description: str = "", **more: Any
    ) -> Any:
        self._catalogue.note(name, unit, "histogram")
        return super().create_histogram(name, unit, description, **more)


@pytest_asyncio.fixture
async def catalogue() -> AsyncIterator[Catalogue]:
    """The instruments of a member that really runs."""
    found = Catalogue()
    async with Members(meter_provider=found) as members:
        (member,) = await members.start()
        assert member.system.telemetry.receive_duration is not None
        yield found


def labels() -> set[str]:
    modules = (core, remote, cluster)
    names = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_LABEL")
    }
    return names | {remote.ADDRESS, remote.MESSAGE_TYPE} | GIVEN


def expressions(value: Any) -> Iterator[str]:
    """What Prometheus is asked, anywhere in a file."""
    match value:
        case dict():
            for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
                if key in ("expr", "query") and isinstance(inner, str):
                    yield inner
                else:
                    yield from expressions(inner)
        case list():
            for inner in value:  # pyright: ignore[reportUnknownVariableType]
                yield from expressions(inner)
        case _:
            pass


def read(path: Path) -> Any:
    text = path.read_text()
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


ASKING = [*BOARDS, FOLDER / "prometheus" / "rules.yaml"]


@pytest.mark.virtual_time
@pytest.mark.parametrize("path", ASKING, ids=lambda path: path.stem)
async def test_every_metric_exists(path: Path, catalogue: Catalogue) -> None:
    asked = [name for text in expressions(read(path)) for name in OURS.findall(text)]
    assert len(asked) > 10
    assert set(asked) - catalogue.prometheus == set()


@pytest.mark.virtual_time
async def test_every_instrument_is_in_a_list_of_names(catalogue: Catalogue) -> None:
    listed = {*core.METRICS, *remote.METRICS, *cluster.METRICS}
    assert catalogue.otel == listed


@pytest.mark.parametrize("path", ASKING, ids=lambda path: path.stem)
def test_every_label_exists(path: Path) -> None:
    for text in expressions(read(path)):
        grouped = re.findall(r"\bby \(([^)]*)\)", text)
        asked = {name.strip() for names in grouped for name in names.split(",")}
        asked |= set(re.findall(r"[{,]\s*(\w+)\s*[=!]", text))
        assert asked <= labels(), text


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_legends_name_labels_that_are_grouped_by(path: Path) -> None:
    for panel in read(path)["panels"]:
        for target in panel.get("targets", ()):
            shown = set(re.findall(r"{{(\w+)}}", target.get("legendFormat", "")))
            assert shown <= labels(), target


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_every_span_exists(path: Path) -> None:
    panels = read(path)["panels"]
    asked = [
        t["operation"] for p in panels for t in p.get("targets", ()) if "operation" in t
    ]
    assert set(asked) <= set(cluster.SPANS)
    said = re.findall(r"`([a-z]+\.[a-z]+)`", path.read_text())
    assert set(said) <= set(cluster.SPANS)


def test_boards_can_be_told_apart() -> None:
    boards = [read(path) for path in BOARDS]
    assert len({board["uid"] for board in boards}) == len(boards) == 3
    for board in boards:
        ids = [panel["id"] for panel in board["panels"]]
        assert len(set(ids)) == len(ids)


def test_spans_and_attributes_in_texts_exist() -> None:
    known = {v for v in vars(cluster).values() if isinstance(v, str)}
    for path in [*BOARDS, *YAMLS]:
        for name in re.findall(r"\bprotoactor\.[a-z.]+\b", path.read_text()):
            assert name in known, f"{name} in {path.name}"


@pytest.mark.parametrize("path", YAMLS, ids=lambda path: path.stem)
def test_configuration_is_yaml(path: Path) -> None:
    assert isinstance(read(path), dict)


def test_pipelines_use_what_is_defined() -> None:
    """Collector and Jaeger refuse to start otherwise."""
    for name in ("collector.yaml", "jaeger.yaml"):
        config = read(FOLDER / name)
        for pipeline in config["service"]["pipelines"].values():
            for part in ("receivers", "processors", "exporters"):
                assert set(pipeline[part]) <= set(config[part]), name
        assert set(config["service"].get("extensions", ())) == set(
            config.get("extensions", ())
        )


def test_compose_mounts_files_that_exist() -> None:
    services = read(FOLDER / "compose.yaml")["services"]
    mounted = [v for service in services.values() for v in service["volumes"]]
    for volume in mounted:
        assert (FOLDER / volume.partition(":")[0]).exists(), volume


def test_board_variables_are_used() -> None:
    for path in BOARDS:
        board = read(path)
        text = json.dumps(board["panels"])
        for variable in board["templating"]["list"]:
            assert f"${variable['name']}" in text, path.name
