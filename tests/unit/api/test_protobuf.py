"""Protobuf bodies, recorded from kubectl 1.32 and hand-made."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import codec, protobuf
from supervisor.api.wire import integer, message, text
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

EMPTY_STATUS_OF_POD = message(3, text(1, "") + message(3, b""))
#: A loaded machine is no reason to fail.


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    meta = text(1, api_version) + text(2, kind)
    return b"k8s\0" + message(1, meta) + message(2, raw) + b'\x1a\x00"\x00'


def pod(spec: bytes) -> Object:
    raw = message(1, text(1, "web")) + message(2, spec) + EMPTY_STATUS_OF_POD
    return protobuf.decode(body("v1", "Pod", raw))


def refusal(raw: bytes) -> str:
    with pytest.raises(ApiError) as caught:
        protobuf.decode(raw)
    assert caught.value.code == 400
    return caught.value.message


#: What `kubectl create configmap c --from-literal=a=b` and its siblings send.
RECORDED = [
    (
        b'k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x1b\n\x11\n\x01c\x12\x00\x1a\x00"'
        b'\x00*\x002\x008\x00B\x00\x12\x06\n\x01a\x12\x01b\x1a\x00"\x00',
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "c"},
            "data": {"a": "b"},
        },
    ),
    (
        b'k8s\x00\n\x0c\n\x02v1\x12\x06Secret\x12\x1d\n\x11\n\x01s\x12\x00\x1a\x00"'
        b'\x00*\x002\x008\x00B\x00\x12\x06\n\x01a\x12\x01b\x1a\x00\x1a\x00"\x00',
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s"},
            "data": {"a": "Yg=="},
        },
    ),
    (
        b'k8s\x00\n\x0f\n\x02v1\x12\tNamespace\x12\x19\n\x11\n\x01n\x12\x00\x1a\x00"'
        b'\x00*\x002\x008\x00B\x00\x12\x00\x1a\x02\n\x00\x1a\x00"\x00',
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}},
    ),
    (
        b"k8s\x00\n-\n\x18authentication.k8s.io/v1\x12\x11SelfSubjectReview\x12\x1a\n"
        b'\x10\n\x00\x12\x00\x1a\x00"\x00*\x002\x008\x00B\x00\x12\x06\n\x04\n\x00\x12'
        b'\x00\x1a\x00"\x00',
        {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
    ),
]


@pytest.mark.parametrize(("raw", "obj"), RECORDED)
def test_bodies_of_kubectl_are_decoded(raw: bytes, obj: Object) -> None:
    """Zero values of non-pointer fields are dropped."""
    content_type = "application/vnd.kubernetes.protobuf"

    assert codec.decode(raw, content_type).obj == obj


def test_delete_options_keep_their_zero() -> None:
    """A grace period of 0 differs from none, since the field is a pointer."""
    raw = integer(1, 0) + message(2, text(1, "uid")) + text(4, "Background")

    assert protobuf.decode(body("v1", "DeleteOptions", raw)) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "gracePeriodSeconds": 0,
        "preconditions": {"uid": "uid"},
        "propagationPolicy": "Background",
    }


def test_inlined_structs_are_flattened() -> None:
    """Sources of volumes and handlers of probes are separate messages."""
    volume = text(1, "v") + message(2, message(2, b""))
    port = message(2, integer(1, 0) + integer(2, 80) + text(3, ""))
    probe = message(1, message(2, text(1, "/") + port)) + integer(4, 5)
    container = text(1, "app") + message(10, probe)

    made = pod(message(1, volume) + message(2, container))

    assert made["spec"] == {
        "volumes": [{"name": "v", "emptyDir": {}}],
        "containers": [
            {
                "name": "app",
                "livenessProbe": {
                    "httpGet": {"path": "/", "port": 80},
                    "periodSeconds": 5,
                },
            }
        ],
    }


def test_special_types_are_decoded() -> None:
    """Quantities, named ports, times, negative numbers, maps and packed lists."""
    limits = message(1, text(1, "cpu") + message(2, text(1, "500m")))
    named = message(1, integer(1, 1) + integer(2, 0) + text(3, "http"))
    tcp = message(10, message(1, message(3, named)))
    container = text(1, "a") + message(8, limits) + tcp
    security = message(4, b"\x01\x02") + integer(5, -1)

    made = pod(message(2, container) + message(14, security))

    assert made["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "500m"}}
    probe = made["spec"]["containers"][0]["livenessProbe"]
    assert probe == {"tcpSocket": {"port": "http"}}
    assert made["spec"]["securityContext"] == {
        "supplementalGroups": [1, 2],
        "fsGroup": -1,
    }


def test_times_become_strings() -> None:
    """Time with seconds, MicroTime with microseconds, in UTC."""
    taint = text(1, "k") + text(3, "NoExecute") + message(4, integer(1, 1_700_000_000))
    node = protobuf.decode(body("v1", "Node", message(2, message(5, taint))))
    renewed = integer(1, 1_700_000_000) + integer(2, 250_000_000)
    raw = message(2, message(4, renewed))
    lease = protobuf.decode(body("coordination.k8s.io/v1", "Lease", raw))

    assert node["spec"]["taints"][0]["timeAdded"] == "2023-11-14T22:13:20Z"
    assert lease["spec"]["renewTime"] == "2023-11-14T22:13:20.250000Z"


def test_decoded_objects_match_the_schema() -> None:
    """As checked for other bodies."""
    made = pod(message(2, text(1, "app")) + integer(4, 0))
    type_ = schema.lookup("v1", "Pod")
    assert type_ is not None

    findings = schema.check(made, type_)

    assert not findings.unknown and not findings.type_errors
    assert made["spec"]["terminationGracePeriodSeconds"] == 0


def test_unknown_numbers_are_skipped() -> None:
    """Newer clients may send new fields."""
    made = pod(message(2, text(1, "app")) + message(999, b"new") + integer(998, 1))

    assert made["spec"] == {"containers": [{"name": "app"}]}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{}", "does not appear to be a protobuf message"),
        (b"k8s\0", "'apiVersion' is missing"),
        (body("v1", "Nope", b""), 'no kind "Nope" is registered for version "v1"'),
        (body("v1", "Pod", b"\x0a\x05a"), "unexpected EOF"),
        (body("v1", "Pod", integer(1, 1)), "a number where bytes are expected"),
        (body("v1", "ConfigMap", text(4, "x")), "bytes where a number is expected"),
        (body("v1", "Pod", message(1, message(1, b"\xff"))), "can't decode byte 0xff"),
        (body("v1", "Pod", b"") + text(3, "gzip"), "contentEncoding 'gzip'"),
        (
            body(
                "v1",
                "Node",
                message(2, message(5, message(4, integer(1, 2**60)))),
            ),
            "is not a valid time",
        ),
    ],
)
def test_malformed_bodies_are_bad_requests(raw: bytes, words: str) -> None:
    """400 with the reason."""
    assert words in refusal(raw)


@given(st.binary(max_size=60))
def test_no_bytes_crash_the_decoder(raw: bytes) -> None:
    """The only error is an ApiError."""
    with contextlib.suppress(ApiError):
        protobuf.decode(body("v1", "Pod", raw))
