"""A contract is taken as a whole, and exceptions give their reason."""

from __future__ import annotations

import pytest

from protoactor_testkit.contracts import ClusterProviderContract

CASE = "test_a_member_sees_itself"


async def passes(self: object) -> None:
    pass


@pytest.mark.xfail
async def fails(self: object) -> None:
    pass


@pytest.mark.parametrize("override", [passes, None, fails])
def test_overriding_a_case_without_a_reason_is_refused(override: object) -> None:
    with pytest.raises(TypeError, match=f"{CASE} overrides .*xfail"):
        type("_", (ClusterProviderContract,), {CASE: override})


def test_overriding_a_case_by_a_mixin_is_refused() -> None:
    mixin = type("Mixin", (), {CASE: passes})
    with pytest.raises(TypeError, match=f"{CASE} overrides"):
        type("_", (mixin, ClusterProviderContract), {})


def test_overriding_a_case_with_a_reason_is_accepted_and_inherited() -> None:
    @pytest.mark.xfail(reason="this service forgets")
    async def fails(self: object) -> None:
        pass

    known_to_fail = type("_", (ClusterProviderContract,), {CASE: fails})
    assert getattr(type("_", (known_to_fail,), {}), CASE) is fails


def test_a_power_that_is_switched_off_takes_its_cases_along() -> None:
    case = "test_a_silently_stalled_watch_is_noticed"
    without = type("_", (ClusterProviderContract,), {"has_watch_stream": False})
    assert not callable(getattr(without, case))
    assert callable(getattr(without, CASE))
    again = type("_", (without,), {"has_watch_stream": True})
    assert callable(getattr(again, case))
