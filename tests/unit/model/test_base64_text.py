"""Base64 is read as Go reads it."""

import pytest

from supervisor.model import base64_text


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("", b""),
        ("\r\n", b""),
        ("YWJj", b"abc"),
        ("YWJj\n", b"abc"),
        ("Y\nW\r\nJ\rj", b"abc"),
        ("YQ==", b"a"),
        ("YQ=\n=\n", b"a"),
        ("YWI=\r\n", b"ab"),
        # Bits that are left over.
        ("YR==", b"a"),
    ],
)
def test_line_breaks_mean_nothing(text: str, raw: bytes) -> None:
    """Wherever they stand, and the canonical form has none."""
    assert base64_text.decode(text) == raw
    assert base64_text.decode(base64_text.canonical(text)) == raw
    assert not {"\r", "\n"} & set(base64_text.canonical(text))


def test_what_is_written_is_canonical() -> None:
    """As Go's encoder would write the same bytes."""
    assert base64_text.canonical("Y R==".replace(" ", "\n")) == "YQ=="


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Y", 0),
        ("YWJjY", 4),
        ("YWJj\nYW", 5),
        ("YW J", 2),
        ("YWJj\n*", 5),
        ("=", 0),
        ("Y=", 1),
        ("YQ=", 3),
        ("YQ=a", 2),
        ("YQ==a", 4),
        ("YWI=\nYWI=", 5),
        ("\tYWJj", 0),
        ("YWJjé", 4),
        ("-_-_", 0),
    ],
)
def test_what_go_refuses_is_refused(text: str, at: int) -> None:
    """With the offset of Go's CorruptInputError, line breaks counted."""
    with pytest.raises(ValueError, match=rf"illegal base64 data at input byte {at}$"):
        base64_text.decode(text)
