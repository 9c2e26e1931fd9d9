"""Every distribution has the same shape, and the root settings know each of them."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
OURS = re.compile(r"protoactor-[a-z-]+")

each_package = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)


def settings(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text())


def import_name(folder: Path) -> str:
    """Folder `provider-etcd` imports as `protoactor_provider_etcd`, `core` as ours."""
    suffix = "" if folder.name == "core" else f"-{folder.name}"
    return f"protoactor{suffix}".replace("-", "_")


def requirements(folder: Path) -> list[str]:
    """What it depends on, with and without extras; its tests' needs aside."""
    project = settings(folder)["project"]
    extras = project.get("optional-dependencies", {}).values()
    return [*project["dependencies"], *(line for extra in extras for line in extra)]


def test_there_are_packages() -> None:
    assert {"core", "remote", "cluster"} <= {folder.name for folder in FOLDERS}


@each_package
@pytest.mark.parametrize(
    "name", ["LICENSE", "README.md", "CHANGELOG.md", "changes/.gitkeep"]
)
def test_carries_its_own_papers(folder: Path, name: str) -> None:
    assert (folder / name).is_file()


@each_package
def test_licence_is_that_of_the_repository(folder: Path) -> None:
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@each_package
def test_ships_one_typed_import_package_named_after_its_folder(folder: Path) -> None:
    sources = [path.name for path in (folder / "src").iterdir() if path.is_dir()]
    assert sources == [import_name(folder)]
    assert (folder / "src" / import_name(folder) / "py.typed").is_file()
    assert (folder / "src" / import_name(folder) / "__init__.py").is_file()
    wheel = settings(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": [f"src/{import_name(folder)}"]}


@each_package
def test_pyproject_says_what_every_distribution_says(folder: Path) -> None:
    project = settings(folder)["project"]
    assert project["name"] == f"protoactor-{folder.name}"
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "Apache-2.0"
    assert project["license-files"] == ["LICENSE"]
    assert "Typing :: Typed" in project["classifiers"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", project["version"])


@each_package
def test_siblings_are_required_within_one_minor_version(folder: Path) -> None:
    """Testkit alone sets no upper bound: a test tool must not hold a release back."""
    bound = r">=\d+\.\d+" if folder.name == "testkit" else r">=0\.\d+,<0\.\d+"
    for line in requirements(folder):
        if OURS.match(line):
            assert re.fullmatch(rf"protoactor-[a-z-]+(\[[a-z,]+\])?{bound}", line)


@each_package
def test_changes_are_named_as_towncrier_reads_them(folder: Path) -> None:
    kinds = {kind["directory"] for kind in settings(ROOT)["tool"]["towncrier"]["type"]}
    pattern = rf"(\+?[a-z0-9-]+)\.({'|'.join(sorted(kinds))})(\.\d+)?\.md"
    for change in (folder / "changes").glob("[!.]*"):
        assert re.fullmatch(pattern, change.name), f"rename {change}"


@each_package
def test_changelog_takes_the_next_release(folder: Path) -> None:
    start = settings(ROOT)["tool"]["towncrier"]["start_string"]
    assert start in (folder / "CHANGELOG.md").read_text()


@each_package
def test_import_linter_knows_it(folder: Path) -> None:
    roots = settings(ROOT)["tool"]["importlinter"]["root_packages"]
    assert import_name(folder) in roots


@each_package
def test_what_its_tests_need_is_in_the_development_environment(folder: Path) -> None:
    needed = settings(folder)["dependency-groups"]["test"]
    groups = settings(ROOT)["dependency-groups"]
    assert {line for line in needed if not OURS.match(line)} <= {
        line for name in ("test", "check") for line in groups[name]
    }


@each_package
def test_its_readme_leads_to_the_repository(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    assert readme.startswith(f"# protoactor-{folder.name}\n")


def test_the_readme_lists_every_package() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [f for f in FOLDERS if f"(packages/{f.name})" not in readme] == []
