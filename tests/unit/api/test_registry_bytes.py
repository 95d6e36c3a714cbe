"""Base64 in objects is accepted and normalized as in Go."""

from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

WRAPPED = "c2Vj\r\ncmV0\nIQ=\n=\n"
PLAIN = "c2VjcmV0IQ=="


def secret(**more: Any) -> Object:
    meta = {"name": "keys"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta} | more


def config_map(**more: Any) -> Object:
    return secret(**more) | {"kind": "ConfigMap"}


@pytest.mark.parametrize(
    ("resource", "body", "field"),
    [
        ("secrets", secret(data={"a": WRAPPED}), "data"),
        ("configmaps", config_map(binaryData={"a": WRAPPED}), "binaryData"),
    ],
)
def test_line_breaks_are_accepted_and_not_stored(
    registry: Registry, resource: str, body: Object, field: str
) -> None:
    """On create, update and all types of patch."""
    made = registry.create(resource, body, "default")
    assert made[field] == {"a": PLAIN}

    changed = made | {field: {"a": PLAIN, "b": WRAPPED}}
    made = registry.update(resource, changed)
    assert made[field] == {"a": PLAIN, "b": PLAIN}

    patch = {field: {"c": WRAPPED}}
    made = registry.patch(resource, "keys", "default", patch)
    assert made[field] == {"a": PLAIN, "b": PLAIN, "c": PLAIN}
    assert registry.get(resource, "keys", "default") == made


def test_the_same_bytes_are_no_change(registry: Registry) -> None:
    """An immutable Secret may be sent again with line breaks."""
    made = registry.create(
        "secrets", secret(data={"a": PLAIN}, immutable=True), "default"
    )

    again = registry.update("secrets", made | {"data": {"a": WRAPPED}})

    assert again == made


def test_surplus_bits_are_dropped(registry: Registry) -> None:
    """As by decoding and encoding in Go."""
    made = registry.create("secrets", secret(data={"a": "YR=="}), "default")

    assert made["data"] == {"a": "YQ=="}


def test_a_certificate_with_line_breaks(registry: Registry) -> None:
    """Sizes and required keys refer to the bytes."""
    body = secret(type="kubernetes.io/tls", data={"tls.crt": WRAPPED, "tls.key": "\n"})

    made = registry.create("secrets", body, "default")

    assert made["data"] == {"tls.crt": PLAIN, "tls.key": ""}


def test_invalid_base64_is_refused(registry: Registry) -> None:
    """The error has the path but not the content."""
    with pytest.raises(
        ApiError, match=r"illegal base64 data at input byte 5 \(data\.a"
    ):
        registry.create("secrets", secret(data={"a": "YWJj\n*"}), "default")
