"""What the distributions announce to others can be had."""

from importlib.metadata import EntryPoint, entry_points

import pytest

from protoactor.plugins import CLUSTER_PROVIDERS, IDENTITY_LOOKUPS, SERIALIZERS

GROUPS = [
    "console_scripts",
    "pytest11",
    CLUSTER_PROVIDERS,
    IDENTITY_LOOKUPS,
    SERIALIZERS,
    "opentelemetry_traces_sampler",
]
OURS = [
    point
    for group in GROUPS
    for point in entry_points(group=group)
    if point.value.startswith("protoactor")
]


@pytest.mark.parametrize("point", OURS, ids=lambda p: f"{p.group}:{p.name}")
def test_loads(point: EntryPoint) -> None:
    assert callable(point.load()) or point.group == "pytest11"
