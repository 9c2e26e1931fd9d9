"""Plugins by name: the only place that reads entry points."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import getdoc
from typing import TypeAlias

from protoactor.errors import PluginError, PluginNotFound

__all__ = [
    "CLUSTER_PROVIDERS",
    "IDENTITY_LOOKUPS",
    "SERIALIZERS",
    "InstalledPlugin",
    "installed",
    "load",
    "url_form",
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
    version: str = "unknown"


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
    return _load(candidates[0], _owner(candidates[0]))(url)


def installed(group: Group) -> list[InstalledPlugin]:
    """What is installed in a group, by name."""
    points = sorted(entry_points(group=group), key=lambda point: point.name)
    return [
        InstalledPlugin(group, point.name, point.value, _owner(point), _version(point))
        for point in points
    ]


def url_form(plugin: InstalledPlugin) -> str:
    """How a URL of this plugin looks, as its factory's docstring shows.

    It is what stands first in backquotes there and begins with the plugin's name; or
    just the name. Raises `PluginError` if it does not load.
    """
    point = EntryPoint(plugin.name, plugin.target, plugin.group)
    factory = _load(point, plugin.distribution)
    quoted = re.findall(r"`([^`]+)`", getdoc(factory) or "")
    return next((it for it in quoted if it.startswith(plugin.name)), plugin.name)


def _load(point: EntryPoint, owner: str) -> Callable[[str], object]:
    try:
        factory: Callable[[str], object] = point.load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"plugin {point.name!r} of {owner} does not load: {error}"
        ) from error
    return factory


def _version(point: EntryPoint) -> str:
    return point.dist.version if point.dist else "unknown"


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown"
