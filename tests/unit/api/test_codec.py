"""Decoding of request bodies."""

import pytest

from supervisor.api import codec
from supervisor.client.base import PatchType
from supervisor.model.errors import ApiError

YAML = "application/yaml"


def refusal(body: bytes, content_type: str = "application/json") -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        codec.decode(body, content_type)
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "Application/JSON; charset=utf-8"]
)
def test_json_is_the_default(content_type: str) -> None:
    """A missing Content-Type means JSON; parameters are ignored."""
    assert codec.decode(b'{"a": [1]}', content_type).obj == {"a": [1]}


def test_duplicate_keys_are_found_and_the_last_is_used() -> None:
    """Reported with their paths, also inside lists."""
    decoded = codec.decode(b'{"a":1,"a":2,"b":[{"c":1,"c":{"d":1,"d":2}}]}', "")

    assert decoded.obj == {"a": 2, "b": [{"c": {"d": 2}}]}
    assert decoded.duplicates == ["a", "b[0].c", "b[0].c.d"]


def test_duplicates_in_an_overwritten_value_are_not_reported() -> None:
    """Only duplicates in the result are."""
    assert codec.decode(b'{"a":{"x":1,"x":2},"a":3}', "").duplicates == ["a"]


def test_lone_surrogates_become_replacement_characters() -> None:
    """They cannot be encoded as UTF-8; pairs can."""
    decoded = codec.decode(b'{"a":"\\ud800x","b":"\\ud83d\\ude00"}', "")

    assert decoded.obj == {"a": "�x", "b": "\U0001f600"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the request body is empty"),
        (b"{", "invalid JSON: Expecting property name"),
        (b"\xff", "invalid JSON: 'utf-8' codec can't decode byte 0xff"),
        (b'{"a": NaN}', "invalid JSON: NaN is not a JSON value"),
        (b'{"a": ' + b"1" * 5000 + b"}", "invalid JSON: Exceeds the limit"),
        (b"[" * 100_000, "exceeded max depth"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "exceeded max depth"),
    ],
)
def test_malformed_json_is_a_bad_request(body: bytes, words: str) -> None:
    """No body crashes the server; each error has its message."""
    code, message = refusal(body)

    assert code == 400 and message.startswith(words)


@pytest.mark.parametrize(
    ("body", "found"),
    [(b"[1]", "array"), (b'"x"', "string"), (b"1", "number"), (b"null", "null")],
)
def test_a_body_must_be_an_object(body: bytes, found: str) -> None:
    """Lists and scalars are rejected with their type."""
    code, message = refusal(body)

    assert code == 400 and f"cannot unmarshal {found} into" in message


def test_other_media_types_are_refused() -> None:
    """The 415 lists the accepted ones."""
    code, message = refusal(b"x", "text/plain")

    assert code == 415
    assert "accepted media types include: application/json" in message


def test_wide_objects_are_not_deep() -> None:
    """Many lists next to each other are not nested."""
    body = b'{"a": [' + b",".join([b"[]"] * 1000) + b"]}"

    assert len(codec.decode(body, "").obj["a"]) == 1000


def test_yaml_is_accepted() -> None:
    """With the same result as JSON, including duplicates."""
    decoded = codec.decode(b"a: {b: [1, x]}\na: 2\n", YAML)

    assert (decoded.obj, decoded.duplicates) == ({"a": 2}, ["a"])


@pytest.mark.parametrize("kind", [PatchType.JSON, PatchType.MERGE, PatchType.STRATEGIC])
def test_the_type_of_a_patch_is_its_content_type(kind: PatchType) -> None:
    """A JSON patch is a list."""
    assert codec.decode_patch(b"[]", f"{kind.value}; charset=utf-8") == (kind, [])


def test_apply_patches_are_yaml() -> None:
    """kubectl sends JSON with this type, other clients YAML."""
    kind, patch = codec.decode_patch(b"a: 1", "application/apply-patch+yaml")

    assert (kind, patch) == (PatchType.APPLY, {"a": 1})


@pytest.mark.parametrize("content_type", ["", "application/json"])
def test_a_patch_needs_a_patch_type(content_type: str) -> None:
    """application/json is not one."""
    with pytest.raises(ApiError) as caught:
        codec.decode_patch(b"{}", content_type)

    assert caught.value.code == 415
    assert "application/strategic-merge-patch+json" in caught.value.message
