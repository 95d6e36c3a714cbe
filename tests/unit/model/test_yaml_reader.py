"""YAML is read as kubectl's converter reads it, and never blows up."""

from typing import Any

import pytest

from supervisor.model import yaml_reader


def value(text: str) -> Any:
    data, _ = yaml_reader.read(f"a: {text}\n".encode(), max_depth=50)
    return data["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("yes", True),
        ("y", True),
        ("N", False),
        ("Off", False),
        ("12", 12),
        ("-1", -1),
        ("0644", 0o644),
        ("0o17", 0o17),
        ("089", 89),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1.5", 1.5),
        ("1e3", 1000),
        ("5.0", 5),
        ("8080:80", "8080:80"),
        ("12:30:45", "12:30:45"),
        ("2026-01-02", "2026-01-02"),
        ("1.2.3", "1.2.3"),
        ("64Mi", "64Mi"),
        (".inf", ".inf"),
        ('"0644"', "0644"),
        ("'yes'", "yes"),
        ("!!str 5", "5"),
        ('!!int "5"', 5),
        ("|\n  x\n", "x\n"),
    ],
)
def test_plain_scalars_become_json(text: str, expected: Any) -> None:
    """Numbers, booleans and null are known; dates, times and the rest are text."""
    assert value(text) == expected
    assert type(value(text)) is type(expected)


def test_documents_have_the_line_at_which_they_begin() -> None:
    """Each stands alone, with anchors of its own; JSON is YAML, too."""
    text = 'a: &a 1\n---\n# nothing\n---\n\nb: &a 2\nc: *a\n---\n{"d": [3]}\n'

    found = list(yaml_reader.documents(text))

    assert found == [
        (1, {"a": 1}),
        (4, None),
        (6, {"b": 2, "c": 2}),
        (9, {"d": [3]}),
    ]


def test_a_key_that_stands_twice_is_an_error_among_documents() -> None:
    """Nobody else would be told which of the two is lost."""
    with pytest.raises(yaml_reader.YamlError) as caught:
        list(yaml_reader.documents("a: 1\n---\nb:\n- c: 1\n  c: 2\n"))

    assert str(caught.value) == 'line 5: key "b[0].c" already set in map'


@pytest.mark.parametrize("plain", ["yes", "y", "017", "1e3", "~", "<<", ".5", "1e999"])
def test_what_is_no_text_without_quotes_is_known(plain: str) -> None:
    """So that it can be written with them."""
    assert not yaml_reader.is_text(plain)
    assert yaml_reader.is_text(f"{plain}.x")


def test_keys_become_text() -> None:
    """JSON has no other keys."""
    data, _ = yaml_reader.read(b"1: a\ntrue: b\n~: c\n", max_depth=50)

    assert data == {"1": "a", "true": "b", "null": "c"}


def test_anchors_and_merge_keys_are_expanded() -> None:
    """Aliases are copies; a mapping's own keys win over merged ones."""
    text = b"a: &a {k: [1]}\nb: *a\nc: {<<: *a, z: 1}\nd: {<<: [{k: 1}, {k: 2}], e: 3}"

    data, _ = yaml_reader.read(text, max_depth=50)
    data["a"]["k"].append(2)

    assert data["b"] == {"k": [1]}
    assert data["c"] == {"k": [1], "z": 1}
    assert data["d"] == {"k": 1, "e": 3}


def test_duplicates_are_named_with_their_path() -> None:
    """Also inside lists."""
    _, duplicates = yaml_reader.read(b"a: [{b: 1, b: 2}]\n", max_depth=50)

    assert duplicates == ["a[0].b"]


def test_an_empty_document_is_null() -> None:
    """Comments alone are nothing."""
    assert yaml_reader.read(b"# nothing\n", max_depth=50) == (None, [])


def bomb(levels: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, levels):
        aliases = ", ".join([f"*a{n - 1}"] * 10)
        lines.append(f"a{n}: &a{n} [{aliases}]")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (bomb(9), "line 6: more than 200000 values, aliases expanded"),
        (b"[" + b"x," * 300_000 + b"]", "line 1: more than 200000 values"),
        (b"a: &a [*a]", "line 1: unknown anchor 'a' referenced"),
        (b"[" * 60, "exceeded max depth: more than 50 levels"),
        (b"[" * 100_000, "exceeded max depth: more than 50 levels"),
        (b"a: [", "line 2: did not find expected node content"),
        (b"a: 1\n---\nb: 2\n", "line 3: there is more than one document"),
        (b"a: !!python/name:os.system x", "has no meaning in JSON"),
        (b"? [a]\n: 1", "line 1: a key must be text"),
        (b"a: {<<: 1}", "line 1: map merge requires map"),
        (b"a: 1e999", "line 1: cannot read the number '1e999'"),
        (b"a: " + b"1" * 5000, "line 1: cannot read the number"),
        (b"a: \x00", "control characters are not allowed"),
    ],
)
def test_what_is_no_good_is_refused_with_its_line(body: bytes, words: str) -> None:
    """Bombs, loops, depth and foreign tags end in a ValueError."""
    with pytest.raises(ValueError) as caught:
        yaml_reader.read(body, max_depth=50)

    assert words in str(caught.value)
