"""Test the distributions as users get them: from wheels, in environments of their own.

    wheels.py test [PACKAGE ...]   each package's tests against its own wheel
    wheels.py alone                the supported subsets in empty environments
    wheels.py bump PACKAGE         raise one version in a copy, build it alone, test all

PACKAGE is a folder of `packages/`. Wheels are built into `dist/`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

# What a user installs, and the program of `examples/` that has to run with it.
SUBSETS = {
    ("core",): "hello.py",
    ("core", "remote"): "remoting.py",
    ("core", "remote", "cluster", "provider-automanaged"): "counter.py",
}

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
assert sys.prefix in str(package.__file__), f"imported from {package.__file__}"
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A folder of `packages/`, and what its pyproject.toml says."""

    folder: Path
    dist: str
    version: str
    import_name: str
    extras: tuple[str, ...]
    test_requires: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> "Package":
        """Parse the folder's pyproject.toml; `KeyError` says what it lacks."""
        settings: dict[str, Any] = tomllib.loads(
            (folder / "pyproject.toml").read_text()
        )
        project = settings["project"]
        (source,) = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        return cls(
            folder=folder,
            dist=project["name"],
            version=project["version"],
            import_name=Path(source).name,
            extras=tuple(project.get("optional-dependencies", ())),
            test_requires=tuple(settings["dependency-groups"]["test"]),
        )

    def wheel(self, extras: Sequence[str] = ()) -> str:
        """A pip requirement for exactly the wheel that was built from this folder."""
        name = f"{self.dist.replace('-', '_')}-{self.version}-py3-none-any.whl"
        wheel = self.folder.parent.parent / "dist" / name
        return f"{self.dist}[{','.join(extras)}] @ {wheel.as_uri()}"

    def has_tests(self) -> bool:
        return any((self.folder / "tests").rglob("test_*.py"))


class Venv:
    """An empty environment that finds our wheels in `dist`, all else on the index."""

    def __init__(self, folder: Path, dist: Path) -> None:
        self._bin = folder / "bin"
        self._dist = dist
        run([sys.executable, "-m", "venv", str(folder)])

    def install(self, *requirements: str) -> None:
        pip = [str(self._bin / "pip"), "install", "--quiet", "--find-links"]
        run([*pip, str(self._dist), *requirements])

    def python(self, *arguments: str) -> None:
        """Run Python without the current folder on its path."""
        run([str(self._bin / "python"), "-P", *arguments])

    def pytest(self, root: Path, tests: Path) -> None:
        run([str(self._bin / "pytest"), "-q", str(tests)], cwd=root)

    def ours(self) -> set[str]:
        """The names of our distributions that are installed."""
        command = [str(self._bin / "pip"), "list", "--format=freeze"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True)
        names = (line.partition("==")[0] for line in listed.stdout.splitlines())
        return {name for name in names if name.startswith("protoactor-")}


def run(command: Sequence[str], cwd: Path | None = None) -> None:
    """Run a command; `CalledProcessError` says that it failed."""
    subprocess.run(command, cwd=cwd, check=True)


@contextmanager
def empty_venv(dist: Path) -> Generator[Venv]:
    with tempfile.TemporaryDirectory() as folder:
        yield Venv(Path(folder) / "venv", dist)


def packages(root: Path, names: Sequence[str] = ()) -> list[Package]:
    """The packages of a repository, all of them or those named."""
    folders = [root / "packages" / name for name in names]
    found = folders or sorted((root / "packages").iterdir())
    return [Package.read(folder) for folder in found]


def hatch(folder: Path, *arguments: str) -> None:
    """Run hatch there; not in the environment this script runs in, which it lacks."""
    run(["hatch", "-q", "-e", "default", *arguments], cwd=folder)


def build(root: Path) -> None:
    hatch(root, "build", "--all", "-t", "wheel")


def test(root: Path, names: Sequence[str]) -> None:
    """Test every package, then stop the script if one failed."""
    failed: list[str] = []
    for package in packages(root, names):
        try:
            test_package(root, package)
        except subprocess.CalledProcessError as error:
            program = Path(error.cmd[0]).name
            failed.append(f"{package.dist}: exit code {error.returncode} of {program}")
    if failed:
        sys.exit("\n".join(["failed:", *failed]))


def test_package(root: Path, package: Package) -> None:
    """Import every module with the declared dependencies only, then run the tests."""
    print(f"== {package.dist} {package.version}", flush=True)
    with empty_venv(root / "dist") as venv:
        venv.install(package.wheel())
        venv.python("-c", f"import {package.import_name}")
        venv.install(package.wheel(package.extras))
        venv.python("-c", IMPORT_ALL, package.import_name)
        if not package.has_tests():
            print("imports; it has no tests yet")
            return
        venv.install(package.wheel(package.extras), *package.test_requires)
        venv.pytest(root, package.folder)


def alone(root: Path) -> None:
    """Install each supported subset into an empty environment and run a program."""
    for names, program in SUBSETS.items():
        subset = packages(root, names)
        print(f"== {' + '.join(package.dist for package in subset)}", flush=True)
        with empty_venv(root / "dist") as venv:
            venv.install(*(package.wheel() for package in subset))
            if extra := venv.ours() - {package.dist for package in subset}:
                sys.exit(f"installed as well: {', '.join(sorted(extra))}")
            for package in subset:
                venv.python("-c", f"import {package.import_name}")
            venv.python(str(root / "examples" / program))


def bump(name: str) -> None:
    """Release one package alone, in a copy: the others keep wheels and versions."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        copy_repository(copy)
        build(copy)
        package = copy / "packages" / name
        hatch(package, "version", "minor")
        hatch(package, "build", "-t", "wheel", str(copy / "dist"))
        test(copy, ())


def copy_repository(target: Path) -> None:
    """Copy what git knows or would add, as it stands in the work tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def main() -> None:
    parser = argparse.ArgumentParser(description="Test the distributions as wheels.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("test").add_argument("packages", nargs="*")
    commands.add_parser("alone")
    commands.add_parser("bump").add_argument("package")
    arguments = parser.parse_args()
    if arguments.command == "bump":
        bump(arguments.package)
        return
    build(ROOT)
    if arguments.command == "test":
        test(ROOT, arguments.packages)
    else:
        alone(ROOT)


if __name__ == "__main__":
    main()
