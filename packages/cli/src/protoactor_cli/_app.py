"""The commands and their options."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from protoactor_cli._assignment import Assignment
from protoactor_cli._commands import (
    ClusterName,
    ClusterUrl,
    Json,
    Pem,
    Seconds,
    ServerName,
    read_target,
    read_tls,
)
from protoactor_cli._complaints import complaints, shout
from protoactor_cli._plugins import show_plugins
from protoactor_cli._ports import free_ports, url_for
from protoactor_cli._program import load_program
from protoactor_cli._questions import add_questions
from protoactor_cli._run import Runner
from protoactor_remote import TLS

__all__ = ["app", "main"]

app = typer.Typer(
    name="protoactor",
    help="Run the members of a program, look into a running cluster.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    tls_server_name: ServerName = None,
) -> None:
    """Run `async def main(cluster)` of a module, on one process per member.

    The module says what members host: `kinds = [Counter]`. Without a URL the members
    find each other by themselves, on this machine (automanaged).

    SIGTERM and Ctrl-C let every member leave. Exit code: 0 if all ended well, 1 if
    one failed or had to be killed.
    """
    with complaints():
        load_program(target)
        tls = read_tls(tls_certificate, tls_key, tls_ca, tls_server_name)
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
                    tls=pem_files(tls),
                    tls_server_name=tls_server_name,
                )
                for index in range(members)
            ],
            restarts,
        )
        shout(f"{members} x {target} in cluster {name!r} at {url}")
        raise typer.Exit(asyncio.run(runner.run()))


@app.command()
def dashboard(
    cluster: ClusterUrl = None,
    name: ClusterName = None,
    tls_certificate: Pem = None,
    tls_key: Pem = None,
    tls_ca: Pem = None,
    tls_server_name: ServerName = None,
    timeout: Seconds = 5.0,
    host: Annotated[
        str, typer.Option(help="Where the page is; anybody there may look.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.")] = 8090,
    interval: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two looks.")
    ] = 1.0,
) -> None:
    """Show a cluster on a web page, live; needs protoactor-cli[dashboard]."""
    with complaints():
        tls = (tls_certificate, tls_key, tls_ca, tls_server_name)
        target = read_target(cluster, name, *tls, timeout)
        try:
            from protoactor_cli.dashboard import serve
        except ModuleNotFoundError as error:
            raise ValueError(
                f"the page needs {error.name}: pip install 'protoactor-cli[dashboard]'"
            ) from error
        asyncio.run(serve(target, host, port, interval))


def local_cluster(members: int) -> str:
    """Where members of this machine find each other, without any service."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in free_ports(members))
    return f"automanaged://{hosts}"


def pem_files(tls: TLS | None) -> tuple[str, ...]:
    """As an `Assignment` has them."""
    files = (tls.certificate, tls.key, tls.ca) if tls else ()
    return tuple(str(path) for path in files if path)


add_questions(app)


def main() -> None:
    """What the `protoactor` command runs."""
    app(prog_name="protoactor")
