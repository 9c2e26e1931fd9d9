"""Plugins are found by name among the distributions that are really installed."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from protoactor import PluginError, PluginNotFound, plugins
from protoactor.plugins import InstalledPlugin

GROUP = "protoactor.tests"

Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a distribution with entry points and a module where imports look."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def install(distribution: str, module: str, points: str) -> None:
        name = distribution.replace("-", "_")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{points}\n")
        source = "made = []\ndef make(url):\n    made.append(url)\n    return made\n"
        (tmp_path / f"{module}.py").write_text(source)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


def test_a_plugin_is_made_from_the_whole_url(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make")
    url = "shop://a:1,b:2?ttl=5"
    assert plugins.load(GROUP, url) == [url]


@pytest.mark.parametrize("url", ["shop", "shop://", "shop?port=1", "shop://a?b=c://d"])
def test_the_name_is_the_scheme_or_all_of_it(install: Install, url: str) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make")
    assert plugins.load(GROUP, url) == [url]


def test_nothing_is_imported_before_it_is_asked_for(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make")
    assert [plugin.name for plugin in plugins.installed(GROUP)] == ["shop"]
    assert "shop_store" not in sys.modules


def test_a_name_that_nobody_offers(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make\nbar = shop_store:make")
    with pytest.raises(PluginNotFound, match=r"'shp'.*installed: bar, shop") as caught:
        plugins.load(GROUP, "shp://a")
    assert set(caught.value.installed) == {"bar", "shop"}
    assert isinstance(caught.value, LookupError)


def test_a_group_without_any_plugin() -> None:
    with pytest.raises(PluginNotFound, match="installed: nothing"):
        plugins.load(GROUP, "shop")


def test_a_plugin_that_does_not_import(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_stare:make")
    with pytest.raises(PluginError, match=r"'shop' of shop-store does not load"):
        plugins.load(GROUP, "shop")


def test_a_plugin_that_is_not_in_its_module(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_store:mike")
    with pytest.raises(PluginError, match="does not load"):
        plugins.load(GROUP, "shop")


def test_a_name_that_two_distributions_claim(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make")
    install("other-store", "other_store", "shop = other_store:make")
    with pytest.raises(PluginError, match="claimed by other-store, shop-store"):
        plugins.load(GROUP, "shop")


def test_what_is_installed_says_where_it_comes_from(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make")
    assert plugins.installed(GROUP) == [
        InstalledPlugin(GROUP, "shop", "shop_store:make", "shop-store", "1.0")
    ]


def test_the_url_form_is_what_the_factory_documents(
    install: Install, tmp_path: Path
) -> None:
    install("shop-store", "shop_store", "shop = shop_store:make\nbar = shop_store:make")
    documented = 'def make(url):\n    """Like `@this`: `shop://a:1?b=2`, `shop`."""\n'
    (tmp_path / "shop_store.py").write_text(documented)
    forms = {it.name: plugins.url_form(it) for it in plugins.installed(GROUP)}
    assert forms == {"shop": "shop://a:1?b=2", "bar": "bar"}


def test_the_url_form_of_a_plugin_that_does_not_import(install: Install) -> None:
    install("shop-store", "shop_store", "shop = shop_stare:make")
    (plugin,) = plugins.installed(GROUP)
    with pytest.raises(PluginError, match=r"'shop' of shop-store does not load"):
        plugins.url_form(plugin)
