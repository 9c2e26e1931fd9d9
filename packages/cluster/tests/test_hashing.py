import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.hashing import fnv1a32, murmur2_32, murmur3_x64_64


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", 0x811C9DC5), (b"a", 0xE40C292C), (b"foobar", 0xBF9CF968)],
)
def test_fnv_has_its_published_values(data: bytes, expected: int) -> None:
    assert fnv1a32(data) == expected


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_fnv_can_be_continued(first: bytes, second: bytes) -> None:
    assert fnv1a32(second, fnv1a32(first)) == fnv1a32(first + second)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"a", 0x4C6F6723),
        (b"ab", 0x2F6C1130),
        (b"abc", 0x2A57C006),
        (b"abcd", 0x329F594A),
        (b"127.0.0.1:8080", 0x565AFB40),
        (b"0127.0.0.1:8080", 0xF41B5DE9),
        (b"49127.0.0.1:8080", 0xB42EFF58),
    ],
)
def test_murmur2_has_the_values_of_the_dotnet_ring(data: bytes, expected: int) -> None:
    assert murmur2_32(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"hello", 0xCBD8A7B341BD9B02),
        (b"hello, world", 0x342FAC623A5EBC8E),
        # every length of the last block, from the reference implementation
        (bytes(range(15)), 0x47231598FD4925E9),
        (bytes(range(16)), 0x444924B591903F30),
        (bytes(range(17)), 0x5C76F40F9FE7C20E),
        (bytes(range(33)), 0x7D41281BFABA4612),
    ],
)
def test_murmur3_has_its_published_values(data: bytes, expected: int) -> None:
    assert murmur3_x64_64(data) == expected


@given(st.binary(max_size=200))
def test_hashes_fit_their_width(data: bytes) -> None:
    assert 0 <= fnv1a32(data) < 1 << 32
    assert 0 <= murmur2_32(data) < 1 << 32
    assert 0 <= murmur3_x64_64(data) < 1 << 64
