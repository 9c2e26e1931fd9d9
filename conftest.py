"""Options of every test run."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked `long`")
    parser.addoption(
        "--built", action="store_true", help="run the tests marked `built`"
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Deselect what is marked `long` or `built` unless it was asked for."""
    unasked = [name for name in ("long", "built") if not config.getoption(f"--{name}")]
    left_out = [
        item for item in items if any(item.get_closest_marker(name) for name in unasked)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
