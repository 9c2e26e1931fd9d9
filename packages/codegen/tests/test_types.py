"""Generated contracts, and programs that use them, under both strict checkers.

`keywords.proto` is missing: its messages have names such as `None`, for which protoc
itself writes stubs that no checker can parse.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

UNREADABLE = "keywords_grains.py"

GOOD = """
from collections.abc import AsyncIterator

from hello_grains import HelloGrain
from hello_pb2 import Reply, Request
from mixed_grains import is_out_of_stock, out_of_stock
from streams_grains import StreamsGrain
from streams_pb2 import In, Out


class Hello(HelloGrain, idle_timeout=10.0):
    async def say(self, request: Request) -> Reply:
        if not request.name:
            raise out_of_stock("no names left", asked="none")
        return Reply(text=f"Hello {request.name}")


class Streams(StreamsGrain):
    async def numbers(self, request: In) -> AsyncIterator[Out]:
        for _ in range(3):
            yield Out()


async def call(hello: HelloGrain, streams: StreamsGrain) -> str:
    reply = await hello.say(Request(name="Ann"))
    async for number in streams.numbers(In()):
        print(number.ByteSize())
    return reply.text


def explain(error: Exception) -> bool:
    return is_out_of_stock(error)
"""

# Every line that ends in "wrong" must be rejected, and no other.
BAD = """
from hello_grains import HelloGrain
from hello_pb2 import Reply, Request
from mixed_grains import out_of_stock


class TakesText(HelloGrain):
    async def say(self, request: str) -> Reply:  # wrong
        return Reply(text=request)


class GivesText(HelloGrain):
    async def say(self, request: Request) -> str:  # wrong
        return request.name


async def call(hello: HelloGrain) -> int:
    await hello.say(Reply())  # wrong
    await hello.shout(Request())  # wrong
    out_of_stock("none left", count=1)  # wrong
    reply = await hello.say(Request())
    return reply.text  # wrong
"""


Places = set[tuple[str, int]]


@pytest.fixture(scope="module")
def project(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's project: the generated files and two programs."""
    folder = tmp_path_factory.mktemp("types") / "project"
    shutil.copytree(generated, folder)
    (folder / UNREADABLE).unlink()
    (folder / "good.py").write_text(GOOD)
    (folder / "bad.py").write_text(BAD)
    return folder


def run(project: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def mypy(project: Path) -> Places:
    files = [*project.rglob("*_grains.py"), project / "good.py", project / "bad.py"]
    names = [file.relative_to(project).as_posix() for file in files]
    output = run(project, "mypy", "--strict", *names, MYPYPATH=".")
    assert f"(checked {len(files)} source files)" in output, output
    found = re.findall(r"^(\S+):(\d+): error", output, re.MULTILINE)
    # protoc's own stubs of extensions are not strict
    return {(file, int(line)) for file, line in found if not file.endswith("_pb2.pyi")}


def pyright(project: Path) -> Places:
    settings = {
        "typeCheckingMode": "strict",
        "include": ["**/*_grains.py", "good.py", "bad.py"],
    }
    (project / "pyrightconfig.json").write_text(json.dumps(settings))
    output = run(project, "pyright", "--pythonpath", sys.executable, "--outputjson")
    report = json.loads(output)
    assert report["summary"]["filesAnalyzed"] >= len([*project.rglob("*_grains.py")])
    return {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1)
        for one in report["generalDiagnostics"]
    }


@pytest.mark.parametrize("check", [mypy, pyright])
def test_contracts_are_typed_and_wrong_use_of_them_is_rejected(
    check: Callable[[Path], Places], project: Path
) -> None:
    lines = enumerate(BAD.split("\n"), start=1)
    wrong = {("bad.py", number) for number, line in lines if line.endswith("wrong")}
    assert check(project) == wrong
