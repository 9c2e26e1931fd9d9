"""Python classes as messages: their names, and how they change over time."""

from __future__ import annotations

import enum
import sys
import types
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor import PID, Request
from protoactor_remote import UnknownMessage, message, msgpack_serializer
from protoactor_remote._message import MessageTypes
from protoactor_remote._msgpack import VALUE, MsgpackSerializer


@message("types.Inner")
@dataclass(frozen=True, slots=True)
class Inner:
    n: int = 1


@message("types.Outer")
@dataclass(frozen=True, slots=True)
class Outer(Request[str]):
    text: str
    inner: Inner = field(default_factory=Inner)
    who: PID | None = None
    when: datetime | None = None
    tags: frozenset[str] = frozenset()


@message()
class Struct(msgspec.Struct):
    a: int


@message("types.Colour")
class Colour(enum.Enum):
    RED = "red"


def travel(value: Any, types: MessageTypes | None = None) -> object:
    serializer = MsgpackSerializer(types or MessageTypes())
    encoder = serializer.encoder(value.__class__)
    assert encoder is not None
    assert isinstance(encoder.type_name, str)
    decoder = serializer.decoder(encoder.type_name)
    assert decoder is not None
    return decoder(encoder.encode(value))


@pytest.mark.parametrize(
    "value",
    [
        Inner(7),
        Outer("a", Inner(2), PID("h:1", "x", 3), datetime.now(UTC), frozenset("ab")),
        Struct(4),
        Colour.RED,
    ],
)
def test_messages_arrive_as_they_are(value: object) -> None:
    assert travel(value) == value


def test_unknown_fields_are_ignored_and_missing_ones_take_their_default() -> None:
    decode = msgpack_serializer().decoder("types.Outer")
    assert decode is not None
    newer = msgspec.msgpack.encode({"text": "a", "inner": {"n": 2, "m": 3}, "new": 1})
    assert decode(newer) == Outer("a", Inner(2))
    with pytest.raises(msgspec.ValidationError, match="text"):
        decode(msgspec.msgpack.encode({}))


def test_a_field_of_another_type_is_an_error() -> None:
    decode = msgpack_serializer().decoder("types.Inner")
    assert decode is not None
    with pytest.raises(msgspec.ValidationError, match="int"):
        decode(msgspec.msgpack.encode({"n": "many"}))


def test_the_default_name_is_module_and_class() -> None:
    encoder = msgpack_serializer().encoder(Struct)
    assert encoder is not None
    assert encoder.type_name == f"{__name__}.Struct"


def test_a_class_can_be_registered_with_one_node_only() -> None:
    @dataclass
    class Local:
        x: int

    known, other = MessageTypes(), MessageTypes()
    known.add(Local)
    known.add(Local)
    assert travel(Local(1), known) == Local(1)
    assert other.name_of(Local) is None
    assert MsgpackSerializer(other).encoder(Local) is None


def test_a_subclass_is_not_registered_by_its_parent() -> None:
    class More(Struct):
        b: int = 0

    assert msgpack_serializer().encoder(More) is None


def test_main_is_no_name() -> None:
    cls = dataclass(type("Job", (), {"__module__": "__main__"}))
    with pytest.raises(UnknownMessage, match="__main__"):
        message()(cls)
    with pytest.raises(UnknownMessage, match="__main__"):
        MessageTypes().add(cls)
    assert message("types.Job")(cls) is cls


def test_a_name_belongs_to_one_class() -> None:
    with pytest.raises(ValueError, match=r"types\.Inner"):

        @message("types.Inner")
        @dataclass
        class Other:
            pass


def test_the_decorator_goes_above_the_dataclass() -> None:
    with pytest.raises(TypeError, match="above @dataclass"):

        @dataclass(slots=True)
        @message("types.Wrong")
        class Wrong:
            x: int


def test_a_module_may_be_loaded_twice() -> None:
    source = (
        "from dataclasses import dataclass\n"
        "from protoactor_remote import message\n"
        "@message('types.Reloaded')\n"
        "@dataclass\n"
        "class Reloaded:\n"
        "    x: int = 0\n"
    )
    module = types.ModuleType("reloaded_module")
    sys.modules["reloaded_module"] = module
    try:
        exec(source, module.__dict__)
        exec(source, module.__dict__)
        newest: Any = module.__dict__["Reloaded"]
        assert travel(newest(3)) == newest(3)
    finally:
        del sys.modules["reloaded_module"]


def test_annotations_that_do_not_resolve_are_explained() -> None:
    @dataclass
    class Vague:
        x: Nowhere  # type: ignore[name-defined]  # noqa: F821 # pyright: ignore

    known = MessageTypes()
    known.add(Vague)
    with pytest.raises(UnknownMessage, match="Nowhere"):
        MsgpackSerializer(known).decoder(f"{__name__}.{Vague.__qualname__}")


class Model:
    """What pydantic models offer."""

    def __init__(self, n: int) -> None:
        self.n = n

    def model_dump(self) -> dict[str, int]:
        return {"n": self.n}

    @classmethod
    def model_validate(cls, data: dict[str, int]) -> Model:
        return cls(data["n"])


def test_pydantic_models_are_dumped_and_validated() -> None:
    message("types.Model")(Model)
    arrived = travel(Model(5))
    assert isinstance(arrived, Model)
    assert arrived.n == 5


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.datetimes(
        min_value=datetime(1, 1, 2),
        max_value=datetime(9999, 12, 30),
        timezones=st.just(UTC),
    ).map(lambda moment: moment.replace(fold=0)),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(0, 9), inner)
    ),
)


@given(plain)
def test_plain_values_keep_their_types(value: object) -> None:
    assert repr(travel(value)) == repr(value)


@pytest.mark.parametrize(
    "value", [[{1, 2}], [Inner()], {"a": object()}, (datetime(2020, 1, 1),)]
)
def test_what_would_lose_its_type_is_refused(value: Any) -> None:
    with pytest.raises(UnknownMessage, match="lose its type"):
        travel(value)


def test_an_unknown_extension_is_refused() -> None:
    decode = msgpack_serializer().decoder(VALUE)
    assert decode is not None
    with pytest.raises(ValueError, match="extension"):
        decode(msgspec.msgpack.encode(msgspec.msgpack.Ext(99, b"")))
