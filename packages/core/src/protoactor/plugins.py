"""Plugins by name: the only place that reads entry points."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TypeAlias

from protoactor.errors import PluginError, PluginNotFound

__all__ = [
    "CLUSTER_PROVIDERS",
    "IDENTITY_LOOKUPS",
    "SERIALIZERS",
    "InstalledPlugin",
    "installed",
    "load",
]

CLUSTER_PROVIDERS = "protoactor.cluster_providers"
IDENTITY_LOOKUPS = "protoactor.identity_lookups"
SERIALIZERS = "protoactor.serializers"

Group: TypeAlias = str


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A name, what it stands for, and the distribution that offers it."""

    group: Group
    name: str
    target: str
    distribution: str


def load(group: Group, url: str) -> object:
    """Build the plugin that `url` names: its scheme, or the whole bare name.

    Raises `PluginNotFound`, or `PluginError` if two distributions claim the name
    or the plugin does not import.
    """
    name = url.partition("://")[0].partition("?")[0]
    candidates = [point for point in entry_points(group=group) if point.name == name]
    if not candidates:
        offered = [point.name for point in entry_points(group=group)]
        raise PluginNotFound(group, name, offered)
    if len({point.value for point in candidates}) > 1:
        owners = ", ".join(sorted(_owner(point) for point in candidates))
        raise PluginError(
            f"{name!r} in {group!r} is claimed by {owners}: uninstall one"
        )
    try:
        factory = candidates[0].load()
    except (ImportError, AttributeError) as error:
        owner = _owner(candidates[0])
        raise PluginError(
            f"plugin {name!r} of {owner} does not load: {error}"
        ) from error
    plugin: object = factory(url)
    return plugin


def installed(group: Group) -> list[InstalledPlugin]:
    """What is installed in a group, by name."""
    points = sorted(entry_points(group=group), key=lambda point: point.name)
    return [
        InstalledPlugin(group, point.name, point.value, _owner(point))
        for point in points
    ]


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown"
