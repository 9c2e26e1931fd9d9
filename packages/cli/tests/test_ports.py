"""Where members of one machine find each other."""

import socket

import pytest

from protoactor_cli._ports import free_ports, url_for


def test_ports_that_are_taken_are_left_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port not in free_ports(2, first=port)


def test_automanaged_members_get_the_port_of_their_host() -> None:
    url = "automanaged://127.0.0.1:6331,127.0.0.1:6332?interval=0.5"
    assert url_for(url, 1) == f"{url}&port=6332"
    assert url_for("automanaged://127.0.0.1:6331", 0).endswith("?port=6331")


def test_a_port_that_is_given_and_other_providers_are_left_alone() -> None:
    for url in ("automanaged://a:1,b:1?port=1", "etcd://127.0.0.1:2379"):
        assert url_for(url, 5) == url


def test_more_members_than_hosts_are_refused() -> None:
    with pytest.raises(ValueError, match="one host:port for each member"):
        url_for("automanaged://127.0.0.1:6331", 1)
