"""The commands and their options."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Optional

import typer

from protoactor_cli._assignment import Assignment
from protoactor_cli._complaints import complaints, shout
from protoactor_cli._plugins import show_plugins
from protoactor_cli._ports import free_ports, url_for
from protoactor_cli._program import load_program
from protoactor_cli._run import Runner

__all__ = ["app", "main"]

app = typer.Typer(
    name="protoactor",
    help="Run the members of a program, look into a running cluster.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

URL_VARIABLE = "PROTOACTOR_CLUSTER_URL"
NAME_VARIABLE = "PROTOACTOR_CLUSTER_NAME"

ClusterUrl = Annotated[
    Optional[str],  # noqa: UP045 (typer reads it at run time)
    typer.Option(
        "--cluster",
        envvar=URL_VARIABLE,
        metavar="URL",
        help="The membership service, such as etcd://127.0.0.1:2379.",
    ),
]
ClusterName = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--name", envvar=NAME_VARIABLE, help="The name of the cluster."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Pem = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(exists=True, dir_okay=False, help="A PEM file, for TLS."),
]


@app.command()
def plugins(*, json: Json = False) -> None:
    """Show what is installed, from where, and how its URL is written."""
    with complaints():
        show_plugins(as_json=json)


@app.command()
def run(
    target: Annotated[str, typer.Argument(metavar="MODULE:FUNCTION")],
    members: Annotated[int, typer.Option(min=1, help="How many processes.")] = 1,
    cluster: ClusterUrl = None,
    name: ClusterName = None,
    host: Annotated[str, typer.Option(help="Where members listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="The first member's port, then upwards; 0: free ones.")
    ] = 0,
    restarts: Annotated[
        int, typer.Option(min=0, help="How often a member that failed starts again.")
    ] = 0,
    drain_timeout: Annotated[
        float, typer.Option(min=0.0, help="Seconds for calls to end on leaving.")
    ] = 10.0,
    introspection: Annotated[
        bool, typer.Option("--introspection", help="Let the other commands look in.")
    ] = False,
    tls_certificate: Pem = None,
    tls_key: Pem = None,
    tls_ca: Pem = None,
) -> None:
    """Run `async def main(cluster)` of a module, on one process per member.

    The module says what members host: `kinds = [Counter]`. Without a URL the members
    find each other by themselves, on this machine (automanaged).

    SIGTERM and Ctrl-C let every member leave. Exit code: 0 if all ended well, 1 if
    one failed or had to be killed.
    """
    with complaints():
        load_program(target)
        url = cluster or local_cluster(members)
        name = name or target.partition(":")[0].partition(".")[0]
        runner = Runner(
            [
                Assignment(
                    number=index + 1,
                    target=target,
                    cluster=name,
                    provider=url_for(url, index),
                    host=host,
                    port=port + index if port else 0,
                    drain_timeout=drain_timeout,
                    introspection=introspection,
                    tls=pem_files(tls_certificate, tls_key, tls_ca),
                )
                for index in range(members)
            ],
            restarts,
        )
        shout(f"{members} x {target} in cluster {name!r} at {url}")
        raise typer.Exit(asyncio.run(runner.run()))


def local_cluster(members: int) -> str:
    """Where members of this machine find each other, without any service."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in free_ports(members))
    return f"automanaged://{hosts}"


def pem_files(
    certificate: Path | None, key: Path | None, authority: Path | None
) -> tuple[str, ...]:
    """Raises `ValueError` for half a pair."""
    if certificate is None and key is None and authority is None:
        return ()
    if certificate is None or key is None:
        raise ValueError("TLS needs --tls-certificate and --tls-key")
    return tuple(str(path) for path in (certificate, key, authority) if path)


def main() -> None:
    """What the `protoactor` command runs."""
    app(prog_name="protoactor")
