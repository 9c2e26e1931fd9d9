"""Optional powers, and the rule that a contract is taken as a whole."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

__all__ = ["Contract", "needs"]

TestT = TypeVar("TestT", bound=Callable[..., object])
POWERS = "_protoactor_powers"


def needs(*powers: str) -> Callable[[TestT], TestT]:
    """Mark a contract test that only those with all these class flags can pass."""

    def mark(test: TestT) -> TestT:
        setattr(test, POWERS, powers)
        return test

    return mark


class Contract:
    """Base of contracts: every subclass takes all tests, or says why not.

    A test whose power is switched off is not collected. Overriding a test
    without `pytest.mark.xfail(reason=...)` is a `TypeError` when the class is made.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for owner, name, test in _contract_tests(cls):
            mine = inspect.getattr_static(cls, name)
            if mine is test or mine is NOT_OFFERED:
                setattr(cls, name, test if _has_powers(cls, test) else NOT_OFFERED)
            elif not _is_xfail(mine):
                raise TypeError(
                    f"{cls.__qualname__}.{name} overrides a test of {owner.__qualname__}: "
                    "mark it with pytest.mark.xfail(reason='...') or leave it alone"
                )


class _NotOffered:
    def __repr__(self) -> str:
        return "a test of a power that this class does not have"


NOT_OFFERED = _NotOffered()


def _contract_tests(
    cls: type[Contract],
) -> Iterator[tuple[type[Contract], str, Callable[..., object]]]:
    """Every test that `cls` inherits, where it was first defined."""
    first: dict[str, tuple[type[Contract], Callable[..., object]]] = {}
    for owner in cls.__mro__[1:]:
        if issubclass(owner, Contract):
            for name, test in vars(owner).items():
                if name.startswith("test_") and inspect.isfunction(test):
                    first[name] = (owner, test)
    for name, (owner, test) in first.items():
        yield owner, name, test


def _has_powers(cls: type[Contract], test: object) -> bool:
    powers: tuple[str, ...] = getattr(test, POWERS, ())
    return all(getattr(cls, power) for power in powers)


def _is_xfail(test: object) -> bool:
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    return any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)
