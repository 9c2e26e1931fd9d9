"""`protoactor plugins`: what is installed, from where, and its URL form."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from protoactor_cli import app


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["plugins", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_json_names_distribution_version_and_url_form() -> None:
    rows = {row["name"]: row for row in json.loads(run("--json"))}
    automanaged = rows["automanaged"]
    assert automanaged["group"] == "protoactor.cluster_providers"
    assert automanaged["distribution"] == "protoactor-provider-automanaged"
    assert automanaged["version"][0].isdigit()
    assert automanaged["url"].startswith("automanaged://")
    assert rows["partition"]["url"] == "partition"
    assert rows["msgpack"]["url"] == "msgpack"


def test_people_see_every_group_on_lines_that_are_not_broken() -> None:
    shown = run()
    for group in ("cluster_providers", "identity_lookups", "serializers"):
        assert f"protoactor.{group}" in shown
    (line,) = [it for it in shown.splitlines() if it.startswith("automanaged ")]
    assert "protoactor-provider-automanaged" in line
    assert "automanaged://a:6331,b:6331?port=6331" in line


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution whose plugin does not import."""
    info = tmp_path / "shop_zeppelin-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: shop-zeppelin\nVersion: 1.2\n")
    group = "[protoactor.cluster_providers]"
    (info / "entry_points.txt").write_text(f"{group}\nzeppelin = nowhere:make\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


@pytest.mark.usefixtures("broken")
def test_a_plugin_that_does_not_load_is_shown_with_the_reason() -> None:
    (row,) = [row for row in json.loads(run("--json")) if row["name"] == "zeppelin"]
    assert (row["distribution"], row["version"]) == ("shop-zeppelin", "1.2")
    assert row["url"] == ""
    assert "No module named 'nowhere'" in row["error"]
    assert "No module named 'nowhere'" in run()
