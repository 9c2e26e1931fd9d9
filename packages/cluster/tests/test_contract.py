"""Contracts are read once, when a grain class is made, and refuse what cannot travel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from protoactor_cluster import Grain, GrainDefinitionError, rpc
from protoactor_cluster._method import Method
from protoactor_cluster._method_messages import MethodCall
from protoactor_cluster.wire import grain_pb2, method_pb2


class Colour(Enum):
    RED = "red"


class Point(msgspec.Struct):
    x: int
    y: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    id: UUID
    price: Decimal
    at: datetime
    colours: list[Colour] = field(default_factory=list[Colour])
    where: Point | None = None


class Socket:
    """Has no wire form."""


@dataclass
class Address:
    socket: Socket


class Shop(Grain):
    async def order(self, order: Order, note: str = "") -> Order:
        raise NotImplementedError

    async def tag(self, tags: dict[str, set[int]], *, last: int | None) -> bytes:
        raise NotImplementedError

    async def wrap(self, value: StringValue) -> StringValue:
        raise NotImplementedError

    def numbers(self, upto: int) -> AsyncIterator[int]:
        raise NotImplementedError

    def helper(self) -> str:
        return "not remote"

    async def _private(self) -> None: ...


def travel(method: Method, *args: object, **kwargs: object) -> dict[str, Any]:
    """Arguments as they arrive."""
    message = method.encode_call(args, kwargs)
    assert isinstance(message, MethodCall)
    return method.decode_call(message.arguments)


def method_of(grain: type[Grain], name: str) -> Method:
    return grain.__contract__.method(name)


def test_public_async_methods_are_the_contract() -> None:
    assert set(Shop.__contract__.by_attribute) == {"order", "tag", "wrap", "numbers"}
    assert method_of(Shop, "numbers").streaming
    assert not method_of(Shop, "order").streaming


def test_rich_values_arrive_as_they_were() -> None:
    order = Order(
        UUID(int=7), Decimal("1.10"), datetime.now(UTC), [Colour.RED], Point(1)
    )
    method = method_of(Shop, "order")
    assert travel(method, order) == {"order": order}
    assert travel(method, order, note="n") == {"order": order, "note": "n"}
    reply = method.encode_result(order)
    assert method.decode_result(reply) == order


def test_protobuf_messages_are_arguments_too() -> None:
    method = method_of(Shop, "wrap")
    arrived = travel(method, StringValue(value="hello"))
    assert arrived["value"].value == "hello"


def test_keyword_only_and_containers() -> None:
    tags: dict[str, set[int]] = {"a": {1, 2}}
    arrived = travel(method_of(Shop, "tag"), tags, last=None)
    assert arrived == {"tags": tags, "last": None}


WRONG_CALLS: list[tuple[tuple[object, ...], dict[str, object], str]] = [
    ((), {}, "misses the argument 'tags'"),
    (({},), {}, "misses the argument 'last'"),
    (({}, 1, 2), {"last": 1}, "takes 2 arguments, 3 were given"),
    (({},), {"last": 1, "first": 2}, "'first' unexpectedly"),
    (({}, 1), {"last": 1}, "'last' twice"),
    (({"a": {"b"}},), {"last": 1}, r"Expected `int`, got `str`"),
    (({},), {"last": object()}, "a object cannot be sent"),
]


@pytest.mark.parametrize(("args", "kwargs", "problem"), WRONG_CALLS)
def test_a_wrong_call_is_a_type_error_before_anything_is_sent(
    args: tuple[object, ...], kwargs: dict[str, object], problem: str
) -> None:
    with pytest.raises(TypeError, match=problem):
        method_of(Shop, "tag").encode_call(args, kwargs)


def test_a_result_of_the_wrong_type_is_refused_where_it_is_made() -> None:
    with pytest.raises(TypeError, match=r"Shop.tag returned a wrong value"):
        method_of(Shop, "tag").encode_result("text")


def test_a_reply_that_does_not_fit_is_refused_where_it_arrives() -> None:
    wrong = method_pb2.MethodResult(value=msgspec.msgpack.encode("text"))
    with pytest.raises(TypeError, match=r"Shop.order returned a wrong value"):
        method_of(Shop, "order").decode_result(wrong)
    with pytest.raises(TypeError, match="was answered with GrainRequest"):
        method_of(Shop, "order").decode_result(grain_pb2.GrainRequest())


def test_an_unknown_method_lists_those_there_are() -> None:
    with pytest.raises(
        AttributeError, match=r"'sell'; it has: numbers, order, tag, wrap"
    ):
        method_of(Shop, "sell")


class TestTwoVersions:
    """Adding an optional parameter or field keeps old callers and old grains working."""

    class Old(Grain, kind="Versioned"):
        async def put(self, key: str) -> Point:
            raise NotImplementedError

    class New(Grain, kind="Versioned"):
        async def put(self, key: str, ttl: float = 1.0) -> Point:
            raise NotImplementedError

    def test_an_old_caller_of_a_new_grain(self) -> None:
        call = method_of(self.Old, "put").encode_call(("k",), {})
        assert isinstance(call, MethodCall)
        assert method_of(self.New, "put").decode_call(call.arguments) == {"key": "k"}

    def test_a_new_caller_of_an_old_grain(self) -> None:
        call = method_of(self.New, "put").encode_call(("k", 2.0), {})
        assert isinstance(call, MethodCall)
        assert method_of(self.Old, "put").decode_call(call.arguments) == {"key": "k"}

    def test_an_old_result_for_a_new_caller(self) -> None:
        old = method_pb2.MethodResult(value=msgspec.msgpack.encode({"x": 3}))
        assert method_of(self.New, "put").decode_result(old) == Point(3, 0)

    def test_a_new_result_for_an_old_caller(self) -> None:
        new = method_pb2.MethodResult(
            value=msgspec.msgpack.encode({"x": 3, "y": 4, "z": 5})
        )
        assert method_of(self.Old, "put").decode_result(new) == Point(3, 4)


class TestDefinitions:
    """What cannot work is an error when the class is made, with the place in it."""

    def test_a_parameter_without_annotation(self) -> None:
        with pytest.raises(GrainDefinitionError, match=r"Bad.add: parameter 'amount'"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def add(self, amount) -> None: ...  # type: ignore[no-untyped-def]  # pyright: ignore

    def test_a_result_without_annotation(self) -> None:
        with pytest.raises(GrainDefinitionError, match=r"Bad.add: its result"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def add(self, amount: int): ...  # type: ignore[no-untyped-def]  # pyright: ignore

    def test_a_type_that_cannot_be_sent(self) -> None:
        with pytest.raises(
            GrainDefinitionError, match=r"Bad.add: 'to': a .*Socket cannot be sent"
        ):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def add(self, to: list[Socket]) -> None: ...

    def test_a_type_that_cannot_be_sent_within_a_dataclass(self) -> None:
        with pytest.raises(GrainDefinitionError, match="Socket cannot be sent"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def add(self, to: Address) -> None: ...

    def test_a_name_that_is_not_known_yet(self) -> None:
        with pytest.raises(GrainDefinitionError, match="must be known when the class"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def add(self, later: Later) -> None: ...  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore

    def test_variable_arguments(self) -> None:
        with pytest.raises(GrainDefinitionError, match=r"\*amounts cannot be sent"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def add(self, *amounts: int) -> None: ...

    def test_two_methods_of_one_wire_name(self) -> None:
        with pytest.raises(GrainDefinitionError, match="'put' already"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def put(self) -> None: ...

                @rpc(name="put")
                async def store(self) -> None: ...

    def test_a_method_named_like_what_every_grain_has(self) -> None:
        with pytest.raises(GrainDefinitionError, match=r"Bad.call: every grain has"):

            class Bad(Grain):  # pyright: ignore[reportUnusedClass]
                async def call(self) -> None: ...  # type: ignore[override]  # pyright: ignore

    def test_a_kind_that_is_no_name(self) -> None:
        with pytest.raises(GrainDefinitionError, match="a kind starts with a letter"):

            class Bad(Grain, kind="a/b"):  # pyright: ignore[reportUnusedClass]
                async def add(self) -> None: ...


class TestKinds:
    """Where the name of a kind comes from."""

    def test_default_is_the_class_name_and_is_not_inherited(self) -> None:
        class Base(Grain): ...

        class Derived(Base): ...

        assert (Base.__kind__, Derived.__kind__) == ("Base", "Derived")

    def test_explicit_is_inherited(self) -> None:
        class Contract(Grain, kind="Bank", idle_timeout=3.0): ...

        class Bank1(Contract): ...

        assert Bank1.__kind__ == "Bank"
        assert Bank1.__idle_timeout__ == 3.0

    def test_options_survive_a_dataclass_with_slots(self) -> None:
        @dataclass(slots=True)
        class Account(Grain, kind="Konto", idle_timeout=7.0):
            balance: int = 0

            @rpc(idempotent=True)
            async def read(self) -> int:
                return self.balance

        assert (Account.__kind__, Account.__idle_timeout__) == ("Konto", 7.0)
        assert method_of(Account, "read").options.idempotent
        assert Account(5).balance == 5

    def test_an_override_keeps_what_the_contract_said(self) -> None:
        class Contract(Grain, kind="Bank"):
            @rpc(idempotent=True, timeout=2.0, name="lesen")
            async def read(self) -> int:
                raise NotImplementedError

        class Bank(Contract):
            async def read(self) -> int:
                return 1

        method = method_of(Bank, "read")
        assert method.options.idempotent
        assert method.wire_name == "lesen"
