"""Bodies and parameters that are too large, too many or unusual."""

from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.model.meta import Object
from supervisor.model.validation.containers import check
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
ODD_NUMBERS = ("9223372036854775807", "9223372036854775808", "-9223372036854775808")
ODD_TEXTS = ("1_0", "+5", "١", "1e3", "0x1", " 1", "%00", "9" * 5000, "true", "null")


@pytest.fixture
def http(registry: Registry, clock: FakeClock) -> Asgi:
    """A client with a valid token."""
    app = create_app(registry, FakeNodes(FakeNode()), ["sesame-open"], clock=clock)
    return Asgi(app, "sesame-open")


def pod(**spec: Any) -> Object:
    containers = [{"name": "main", "image": "kubia"}]
    return {"metadata": {"name": "a"}, "spec": {"containers": containers} | spec}


def test_too_large_objects_are_refused_before_validation(http: Asgi) -> None:
    """Fifty thousand containers with a thousand kinds of errors each."""
    containers = [{"name": f"c{i}", "image": " "} for i in range(50_000)]

    answer = http("POST", PODS, pod(containers=containers))

    assert answer.code == 413
    assert "limit is 1572864 bytes, the object has" in answer.json["message"]


def test_of_many_errors_the_first_hundred_are_reported(http: Asgi) -> None:
    """With a note that there are more."""
    answer = http("POST", PODS, pod(tolerations=[{"operator": "x"}] * 2_000))

    causes = answer.json["details"]["causes"]
    assert (answer.code, len(causes)) == (422, 101)
    assert "too many errors" in causes[-1]["message"]


def test_of_many_wrong_types_the_first_fifty_are_reported(http: Asgi) -> None:
    """With the number of further ones."""
    volumes = [{"name": 1}] * 2_000

    answer = http("POST", PODS, pod(volumes=volumes))

    assert answer.code == 400
    assert answer.json["message"].endswith("and 1950 more")
    assert len(answer.json["message"]) < 10_000


def test_a_long_value_is_truncated_in_messages(http: Asgi) -> None:
    """As it would not be read."""
    answer = http("POST", PODS, pod(hostname="x" * 100_000))

    assert answer.code == 422
    assert len(answer.json["message"]) < 6_000


class Counted(list[Object]):
    """A list that counts iterations over it."""

    walks = 0

    def __iter__(self) -> Any:
        Counted.walks += 1
        return super().__iter__()


def test_the_volumes_of_a_pod_are_not_read_for_each_of_its_containers() -> None:
    """Validation is linear in the size of the pod."""
    mount = {"name": "v0", "mountPath": "/a"}
    one = {"name": "c", "image": "x", "volumeMounts": [mount]}
    spec = {"volumes": Counted([{"name": "v0"}]), "containers": [one] * 100}

    list(check(spec, "spec"))

    assert Counted.walks <= 2


def test_an_unknown_field_of_any_name_is_warned_about(http: Asgi) -> None:
    """The name is sent in a header, with escapes."""
    for name in ("\0", "\r\nX: y", "\x7f", "\x85", "\u2028", "é", "\ud800", '"', "\\"):
        body = {"metadata": {"generateName": "a-"}, name: 1}

        answer = http("POST", MAPS, body)

        assert answer.code == 201, answer.json
        [warning] = answer.all("warning")
        assert warning.isprintable()
        assert warning.startswith('299 - "unknown field')


def test_a_number_beyond_floats_is_refused(http: Asgi) -> None:
    """As in Go's decoder."""
    text = b'{"metadata": {"name": "a"}, "data": {"a": 1e999}}'

    answer = http("POST", MAPS, text)

    assert answer.code == 400
    assert "1e999 is out of range" in answer.json["message"]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", f"{PODS}?limit="),
        ("GET", f"{PODS}?limit=1&continue="),
        ("GET", f"{PODS}?resourceVersion="),
        ("GET", f"{PODS}?resourceVersionMatch=Exact&resourceVersion="),
        ("GET", f"{PODS}?labelSelector="),
        ("GET", f"{PODS}?fieldSelector=spec.nodeName="),
        ("GET", f"{PODS}?timeoutSeconds="),
        ("GET", f"{PODS}/a?resourceVersion="),
        ("GET", f"{PODS}/a/log?tailLines="),
        ("GET", f"{PODS}/a/log?sinceSeconds="),
        ("GET", f"{PODS}/a/log?limitBytes="),
        ("GET", f"{PODS}/a/log?sinceTime="),
        ("GET", f"{PODS}/a/log?container="),
        ("GET", f"{PODS}?includeObject="),
        ("DELETE", f"{PODS}/a?gracePeriodSeconds="),
        ("DELETE", f"{PODS}?gracePeriodSeconds="),
        ("DELETE", f"{PODS}/a?propagationPolicy="),
        ("DELETE", f"{PODS}/a?orphanDependents="),
        ("POST", f"{MAPS}?dryRun="),
        ("POST", f"{MAPS}?fieldManager="),
        ("POST", f"{MAPS}?fieldValidation="),
    ],
)
def test_no_value_of_a_parameter_causes_an_internal_error(
    http: Asgi, method: str, url: str
) -> None:
    """It is refused with a Status or accepted."""
    for number, value in enumerate((*ODD_NUMBERS, *ODD_TEXTS)):
        http("POST", PODS, pod(nodeName="node-1") | {"metadata": {"name": "a"}})
        body = {"metadata": {"name": f"m{number}"}} if method == "POST" else None

        answer = http(method, url + value, body)

        assert answer.code not in (500, 501, 502), (value, answer.body[:300])


@pytest.mark.parametrize("since", [*ODD_NUMBERS, "-1", "1_0", "٣", "x"])
def test_a_watch_from_an_odd_version_is_refused_or_ends(http: Asgi, since: str) -> None:
    """With 400, or a response that ends immediately."""
    url = f"{PODS}?watch=1&timeoutSeconds=1&resourceVersion={since}"

    answer = http("GET", url)

    assert answer.code in (200, 400, 410), answer.body
