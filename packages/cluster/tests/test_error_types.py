"""Exceptions of grains that come back as themselves."""

from __future__ import annotations

import pytest

from protoactor_cluster import Cluster, Grain, GrainError
from protoactor_testkit import Members


class OutOfStock(Exception):
    """Made of its text alone."""


class Overdrawn(Exception):
    def __init__(self, missing: int, currency: str) -> None:
        super().__init__(f"{missing} {currency} are missing")


class Shop(Grain):
    async def buy(self) -> None:
        raise OutOfStock("no: bolts")

    async def pay(self) -> None:
        raise Overdrawn(3, "EUR")


async def started(members: Members) -> Cluster:
    a, _ = await members.start(2, kinds=[Shop], errors=[OutOfStock, Overdrawn])
    return a


async def test_a_registered_class_comes_back_with_its_text(members: Members) -> None:
    cluster = await started(members)
    for name in ("a", "b", "c", "d"):
        with pytest.raises(OutOfStock, match=r"^no: bolts$"):
            await cluster.grain(Shop, name).buy()


async def test_one_that_needs_more_than_its_text_is_a_grain_error(
    members: Members,
) -> None:
    cluster = await started(members)
    with pytest.raises(GrainError, match="Overdrawn: 3 EUR are missing"):
        await cluster.grain(Shop, "a").pay()
