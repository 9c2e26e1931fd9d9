"""Turns a question to a cluster into a command with the options that all of them have."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.console import Console

from protoactor_cli._complaints import complaints
from protoactor_cli._look import Target, looking
from protoactor_cli._printing import new_console
from protoactor_cli._result import Result
from protoactor_remote import TLS

__all__ = [
    "ClusterName",
    "ClusterUrl",
    "Json",
    "Pem",
    "Seconds",
    "ServerName",
    "asking",
    "read_target",
    "read_tls",
]

ClusterUrl = Annotated[
    Optional[str],  # noqa: UP045 (typer reads it at run time)
    typer.Option(
        "--cluster",
        envvar="PROTOACTOR_CLUSTER_URL",
        metavar="URL",
        help="The membership service, such as etcd://127.0.0.1:2379.",
    ),
]
ClusterName = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--name", envvar="PROTOACTOR_CLUSTER_NAME", help="The name of the cluster."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Pem = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(exists=True, dir_okay=False, help="A PEM file, for TLS."),
]
ServerName = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="What members' certificates say, if it is not their host."),
]
Seconds = Annotated[
    float, typer.Option(min=0.1, help="Seconds to wait for members and answers.")
]
Question = Callable[..., Awaitable[Result]]


def read_target(
    cluster: str | None,
    name: str | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_ca: Path | None,
    tls_server_name: str | None,
    timeout: float,
) -> Target:
    """Raises `ValueError` for what is missing."""
    if not cluster:
        raise ValueError(
            "which cluster? Pass --cluster URL or set PROTOACTOR_CLUSTER_URL"
        )
    if not name:
        raise ValueError("its name? Pass --name NAME or set PROTOACTOR_CLUSTER_NAME")
    tls = read_tls(tls_certificate, tls_key, tls_ca, tls_server_name)
    return Target(cluster, name, tls, timeout)


def read_tls(
    certificate: Path | None,
    key: Path | None,
    authority: Path | None,
    server_name: str | None,
) -> TLS | None:
    """Raises `ValueError` for half a pair."""
    if not any((certificate, key, authority, server_name)):
        return None
    if certificate is None or key is None:
        raise ValueError("TLS needs --tls-certificate and --tls-key")
    return TLS(certificate, key, authority, server_name)


def _common(
    cluster: ClusterUrl = None,
    name: ClusterName = None,
    tls_certificate: Pem = None,
    tls_key: Pem = None,
    tls_ca: Pem = None,
    tls_server_name: ServerName = None,
    timeout: Seconds = 5.0,
) -> None: ...


def asking(question: Question) -> Callable[..., None]:
    """A command that joins as a client, asks, and prints the result.

    Its parameters are those of `question` after the first, which is the `Look`, and
    those that say which cluster.
    """
    _, *own = inspect.signature(question, eval_str=True).parameters.values()
    common = inspect.signature(_common, eval_str=True).parameters
    as_json = inspect.Parameter(
        "json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Json
    )

    def command(**given: Any) -> None:
        as_json = given.pop("json")
        with complaints():
            target = read_target(**{key: given.pop(key) for key in common})
            result = asyncio.run(_ask(target, question, given))
            result.print(new_console(), as_json=as_json)
        raise typer.Exit(result.code)

    parameters = [
        it.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for it in (*own, *common.values(), as_json)
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {it.name: it.annotation for it in parameters}
    command.__name__, command.__doc__ = question.__name__, question.__doc__
    return command


async def _ask(target: Target, question: Question, given: dict[str, Any]) -> Result:
    console = Console(stderr=True)
    with console.status(f"looking into {target.name!r}") as status:
        async with looking(target) as look:
            count = len(look.members)
            status.update(f"asking {count} members of {target.name!r}")
            return await question(look, **given)
