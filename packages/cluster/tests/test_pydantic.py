"""pydantic models as arguments and results of grains."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from protoactor_cluster import Grain
from protoactor_cluster.contract import Contract
from protoactor_testkit import Members


class Line(BaseModel):
    model_config = ConfigDict(strict=True)

    article: str
    pieces: int = Field(gt=0, alias="count")
    due: date | None = None


class Order(BaseModel):
    lines: list[Line]
    link: HttpUrl


class Shop(Grain):
    async def order(self, order: Order) -> Order:
        return order

    async def many(self, orders: dict[str, Order]) -> list[Line]:
        return [line for order in orders.values() for line in order.lines]

    async def careless(self) -> Line:
        return BAD_LINE


def order() -> Order:
    lines = [Line(article="nut", count=3, due=date(2030, 1, 2))]
    return Order(lines=lines, link=HttpUrl("https://example.org/1"))


async def test_models_arrive_as_they_were(members: Members) -> None:
    """Strict ones, with aliases, and with fields that only pydantic knows."""
    a, b = await members.start(2, kinds=[Shop])
    for member in (a, b):
        assert await member.grain(Shop, "x").order(order()) == order()
        assert await member.grain(Shop, "x").many({"a": order()}) == order().lines


BAD_LINE = Line.model_construct(article="bolt", pieces=-1)
GOOD_LINK = HttpUrl("https://example.org/2")


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (Order.model_construct(lines=[], link="nowhere"), "HttpUrl"),
        (Order.model_construct(lines=[BAD_LINE], link=GOOD_LINK), "greater than 0"),
    ],
)
async def test_a_model_that_is_not_valid_is_refused_before_it_is_sent(
    members: Members, bad: Order, what: str
) -> None:
    (a,) = await members.start(1, kinds=[Shop])
    with pytest.raises(TypeError, match=rf"(?s)Shop\.order\(\).*{what}"):
        await a.grain(Shop, "x").order(bad)


async def test_a_result_that_is_not_valid_is_an_error_of_the_method(
    members: Members,
) -> None:
    (a,) = await members.start(1, kinds=[Shop])
    with pytest.raises(Exception, match=r"careless.*wrong value"):
        await a.grain(Shop, "x").careless()


def test_a_field_with_a_default_may_be_added_on_either_side() -> None:
    class Old(BaseModel):
        name: str

    class New(BaseModel):
        name: str
        size: int = 1

    def contract(model: type[BaseModel]) -> Contract:
        async def put(self: object, item: object) -> None: ...

        put.__annotations__ = {"item": model, "return": None}
        grain: type[Grain] = type("Box", (Grain,), {"put": put})
        return grain.__contract__

    old, new = contract(Old).method("put"), contract(New).method("put")
    sent = old.encode_call([Old(name="a")], {})
    received = new.decode_call(sent.arguments)  # type: ignore[attr-defined]
    assert received == {"item": New(name="a")}
    sent = new.encode_call([New(name="b", size=2)], {})
    assert old.decode_call(sent.arguments) == {"item": Old(name="b")}  # type: ignore[attr-defined]
