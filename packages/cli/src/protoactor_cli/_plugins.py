"""`protoactor plugins`: what is installed, from where, and how its URL is written."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from rich.table import Table
from rich.text import Text

from protoactor.errors import PluginError
from protoactor.plugins import (
    CLUSTER_PROVIDERS,
    IDENTITY_LOOKUPS,
    SERIALIZERS,
    InstalledPlugin,
    installed,
    url_form,
)
from protoactor_cli._printing import new_console, new_table

__all__ = ["show_plugins"]

GROUPS = (CLUSTER_PROVIDERS, IDENTITY_LOOKUPS, SERIALIZERS)


@dataclass(frozen=True, slots=True)
class Row:
    """One plugin, as it is shown."""

    group: str
    name: str
    distribution: str
    version: str
    url: str
    target: str
    error: str

    @classmethod
    def of(cls, plugin: InstalledPlugin) -> Row:
        try:
            url, error = url_form(plugin), ""
        except PluginError as problem:
            url, error = "", str(problem)
        return cls(
            plugin.group,
            plugin.name,
            plugin.distribution,
            plugin.version,
            url,
            plugin.target,
            error,
        )


def show_plugins(*, as_json: bool) -> None:
    """Print every group, also one that holds nothing."""
    rows = {group: [Row.of(it) for it in installed(group)] for group in GROUPS}
    if as_json:
        every = [asdict(row) for group in rows.values() for row in group]
        print(json.dumps(every, indent=2))
        return
    console = new_console()
    for group, plugins in rows.items():
        console.print(_table(group, plugins))


def _table(group: str, rows: list[Row]) -> Table:
    table = new_table("name", "distribution", "version", "write it as", title=group)
    for row in rows:
        form = Text(row.error, "red") if row.error else Text(row.url)
        table.add_row(row.name, row.distribution, row.version, form)
    if not rows:
        table.add_row(Text("nothing installed", "dim"))
    return table
