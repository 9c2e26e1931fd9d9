"""`MODULE:FUNCTION`: what a program needs, and what is said when it lacks that."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from protoactor_cli import app
from protoactor_cli._program import BadProgram, load_program

MAIN = "async def main(cluster):\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def test_main_and_kinds_are_read_from_the_module(folder: Path) -> None:
    (folder / "shop_one.py").write_text(f"kinds = []\nmessages = [int]\n{MAIN}")
    program = load_program("shop_one:main")
    assert (program.kinds, program.messages, program.errors) == ((), (int,), ())


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("", "shop_two", "MODULE:FUNCTION"),
        ("", "shop_absent:main", "no module 'shop_absent'"),
        ("kinds = []", "shop_two:main", "async def main(cluster: Cluster)"),
        ("kinds = []\ndef main(c): ...", "shop_two:main", "async def main"),
        (MAIN, "shop_two:main", "kinds = [Counter]"),
    ],
    ids=["no colon", "no module", "no main", "not async", "no kinds"],
)
def test_what_is_wrong_is_said_before_anything_starts(
    folder: Path, source: str, target: str, says: str
) -> None:
    (folder / "shop_two.py").write_text(source)
    sys.modules.pop("shop_two", None)
    result = CliRunner().invoke(app, ["run", target])
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_what_a_module_raises_itself_is_not_hidden(folder: Path) -> None:
    (folder / "shop_three.py").write_text("import nothing_like_this")
    with pytest.raises(ModuleNotFoundError, match="nothing_like_this"):
        load_program("shop_three:main")


def test_a_program_of_a_package_is_found(folder: Path) -> None:
    (folder / "shop_four").mkdir()
    (folder / "shop_four" / "app.py").write_text(f"kinds = []\n{MAIN}")
    assert load_program("shop_four.app:main").kinds == ()
    with pytest.raises(BadProgram, match=r"shop_four\.other"):
        load_program("shop_four.other:main")
