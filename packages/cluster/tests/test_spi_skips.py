"""What is no member is skipped with one line in the log, not with one per look."""

from __future__ import annotations

import pytest

from protoactor_cluster.spi import Skips


def lines(caplog: pytest.LogCaptureFixture) -> int:
    return len(caplog.records)


def test_each_entry_is_worth_one_line(caplog: pytest.LogCaptureFixture) -> None:
    skips = Skips("store")
    for _ in range(3):
        skips.skip("a", "no JSON")
        skips.skip(b"b", "no JSON")
    assert lines(caplog) == 2


def test_who_is_mended_and_spoilt_again_is_worth_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    skips = Skips("store")
    skips.skip("a", "no JSON")
    skips.forget("a")
    skips.skip("a", "no JSON")
    skips.keep_only(["a"])
    skips.skip("a", "no JSON")
    skips.keep_only(["b"])
    skips.skip("a", "no JSON")
    assert lines(caplog) == 3
