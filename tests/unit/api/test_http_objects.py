"""Objects over HTTP: methods, options, representations and errors."""

from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.model.errors import unavailable
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.manifests import config_map, pod, replication_controller

PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
RCS = "/api/v1/namespaces/default/replicationcontrollers"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"


class NoNodes:
    def connect(self, node_name: str) -> Any:
        raise unavailable(f"no agent of {node_name}")


@pytest.fixture
def http(registry: Registry, clock: FakeClock) -> Asgi:
    """A client with a valid token."""
    app = create_app(registry, NoNodes(), ["sesame-open"], clock=clock)
    return Asgi(app, "sesame-open")


def test_all_methods_on_an_object(http: Asgi) -> None:
    """POST, GET, PUT, PATCH and DELETE, with the codes of upstream."""
    created = http("POST", MAPS, config_map(a="1"))
    assert created.code == 201
    assert created.header("content-type") == "application/json"
    read = http("GET", f"{MAPS}/settings")
    assert (read.code, read.json) == (200, created.json)
    replaced = http("PUT", f"{MAPS}/settings", read.json | {"data": {"a": "2"}})
    assert (replaced.code, replaced.json["data"]) == (200, {"a": "2"})
    patch = {"data": {"b": "3"}}
    patched = http("PATCH", f"{MAPS}/settings", patch, content_type=MERGE)
    assert (patched.code, patched.json["data"]) == (200, {"a": "2", "b": "3"})
    deleted = http("DELETE", f"{MAPS}/settings")
    assert (deleted.code, deleted.json["status"]) == (200, "Success")
    assert http("GET", f"{MAPS}/settings").code == 404


def test_lists_have_kind_and_version(http: Asgi) -> None:
    """A list can be watched from its resourceVersion, and continued."""
    for name in "abc":
        http("POST", PODS, pod(name))

    first = http("GET", f"{PODS}?limit=2").json
    token = first["metadata"]["continue"]
    second = http("GET", f"/api/v1/pods?limit=2&continue={token}").json

    assert (first["kind"], first["apiVersion"]) == ("PodList", "v1")
    assert [p["metadata"]["name"] for p in first["items"] + second["items"]] == [*"abc"]
    assert "continue" not in second["metadata"]
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]


def test_selectors_are_query_parameters(http: Asgi) -> None:
    """Both types, percent-encoded."""
    for name in "abc":
        http("POST", PODS, pod(name))

    found = http(
        "GET", f"{PODS}?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector="
        "metadata.name%21%3Da"
    )  # fmt: skip

    assert [p["metadata"]["name"] for p in found.json["items"]] == ["b"]


def test_kubectl_get_is_answered_with_a_table(http: Asgi) -> None:
    """For lists and for single objects."""
    http("POST", PODS, pod())

    for url in (PODS, f"{PODS}/web", "/api/v1/pods"):
        table = http("GET", url, accept=TABLE).json
        assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
        assert table["rows"][0]["cells"][:3] == ["web", "0/1", "Pending"]
        assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    whole = http("GET", f"{PODS}?includeObject=Object", accept=TABLE).json
    assert whole["rows"][0]["object"]["kind"] == "Pod"


def test_metadata_can_be_requested(http: Asgi) -> None:
    """Of one object and of a list."""
    http("POST", PODS, pod())
    suffix = ";v=v1;g=meta.k8s.io"
    one = http(
        "GET",
        f"{PODS}/web",
        accept=f"application/json;as=PartialObjectMetadata{suffix}",
    ).json
    several = http(
        "GET", PODS, accept=f"application/json;as=PartialObjectMetadataList{suffix}"
    ).json

    assert one["kind"] == "PartialObjectMetadata"
    assert set(one) == {"kind", "apiVersion", "metadata"}
    assert several["kind"] == "PartialObjectMetadataList"
    assert several["items"][0]["metadata"]["name"] == "web"


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        ("*/*", 200),
        ("", 200),
        ("application/vnd.kubernetes.protobuf,application/json", 200),
        ("application/vnd.kubernetes.protobuf", 406),
        ("text/html", 406),
        ("application/json;as=Table;v=v9;g=meta.k8s.io", 406),
    ],
)
def test_representations_are_negotiated(http: Asgi, accept: str, code: int) -> None:
    """If none is supported, the response is a 406."""
    assert http("GET", PODS, accept=accept).code == code


def test_warnings_are_headers(http: Asgi) -> None:
    """For unknown and unsupported fields; Strict rejects unknown ones."""
    body = pod(setHostnameAsFQDN=True)
    body["spec"]["nonsense"] = 1

    strict = http("POST", f"{PODS}?fieldValidation=Strict", body)
    warned = http("POST", PODS, body)

    assert strict.code == 400
    assert (
        'strict decoding error: unknown field "spec.nonsense"'
        in (strict.json["message"])
    )
    assert warned.all("warning") == [
        '299 - "unknown field \\"spec.nonsense\\""',
        '299 - "spec.setHostnameAsFQDN: not supported, ignored"',
    ]


def test_duplicate_fields_are_found(http: Asgi) -> None:
    """The last one is used, with a warning."""
    body = b'{"metadata":{"name":"a"},"data":{"x":"1"},"data":{"x":"2"}}'

    strict = http("POST", f"{MAPS}?fieldValidation=Strict", body)
    warned = http("POST", MAPS, body)

    assert (strict.code, warned.code) == (400, 201)
    assert warned.json["data"] == {"x": "2"}
    assert warned.all("warning") == ['299 - "duplicate field \\"data\\""']


def test_scale_is_read_and_written(http: Asgi) -> None:
    """Also without a Content-Type, as kubectl sends it."""
    http("POST", RCS, replication_controller())

    scale = http("GET", f"{RCS}/rep/scale").json
    put = http("PUT", f"{RCS}/rep/scale", scale | {"spec": {"replicas": 5}})

    assert put.json["spec"]["replicas"] == 5
    assert put.json["kind"] == "Scale"
    assert http("GET", f"{RCS}/rep").json["spec"]["replicas"] == 5


def test_a_scale_has_a_table_of_its_own(http: Asgi) -> None:
    """For `kubectl get rc NAME --subresource=scale`."""
    http("POST", RCS, replication_controller())

    table = http("GET", f"{RCS}/rep/scale", accept=TABLE).json

    names = [column["name"] for column in table["columnDefinitions"]]
    assert names == ["Name", "Desired", "Available", "Age"]
    assert table["rows"][0]["cells"][0] == "rep"


def test_server_side_apply_is_415_even_without_object(
    http: Asgi,
) -> None:
    """It also creates objects, so a 404 would be misleading."""
    kind = "application/apply-patch+yaml"

    answer = http("PATCH", f"{MAPS}/nothing", config_map(), content_type=kind)

    assert answer.code == 415
    assert "use `kubectl apply` without --server-side" in answer.json["message"]


@pytest.mark.parametrize("path", ["/api/v1/nope", f"{PODS}/web/ephemeralcontainers"])
def test_an_unknown_path_has_empty_details(http: Asgi, path: str) -> None:
    """kubectl reads them without checking for null."""
    details = http("GET", path).json["details"]

    assert "name" not in details
    assert details["causes"][0]["message"] == "404 page not found"


def test_deletions_take_options_from_body_and_query(http: Asgi) -> None:
    """kubectl sends a body, other clients a query."""
    for name in ("a", "b", "c"):
        http("POST", PODS, pod(name))
        target = {"target": {"kind": "Node", "name": "n1"}}
        assert http("POST", f"{PODS}/{name}/binding", target).code == 201

    by_body = http("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 3})
    by_query = http("DELETE", f"{PODS}/b?gracePeriodSeconds=4")
    dry = http("DELETE", f"{PODS}/c", {"kind": "DeleteOptions", "dryRun": ["All"]})

    assert by_body.json["metadata"]["deletionGracePeriodSeconds"] == 3
    assert by_query.json["metadata"]["deletionGracePeriodSeconds"] == 4
    assert dry.code == 200
    assert "deletionTimestamp" not in http("GET", f"{PODS}/c").json["metadata"]


def test_a_collection_is_deleted(http: Asgi) -> None:
    """Only selected objects in one namespace."""
    for name in ("a", "b"):
        http("POST", PODS, pod(name))

    deleted = http("DELETE", f"{PODS}?labelSelector=app%3Da")

    assert [p["metadata"]["name"] for p in deleted.json["items"]] == ["a"]
    assert http("GET", f"{PODS}/b").code == 200
    assert http("DELETE", "/api/v1/pods").code == 405


def test_a_pod_is_evicted(http: Asgi) -> None:
    """With and without kind and options, as clients differ."""
    http("POST", PODS, pod())

    wrong = http("POST", f"{PODS}/web/eviction", {"metadata": {"name": "other"}})
    right = http("POST", f"{PODS}/web/eviction", {"metadata": {"name": "web"}})

    assert (wrong.code, right.code) == (400, 201)
    assert http("GET", f"{PODS}/web").code == 404


@pytest.mark.parametrize(
    ("method", "url", "code", "reason"),
    [
        ("GET", f"{PODS}/nosuch", 404, "NotFound"),
        ("GET", "/api/v1/sausages", 404, "NotFound"),
        ("GET", "/apis/apps/v3/deployments", 404, "NotFound"),
        ("GET", "/nonsense", 404, "NotFound"),
        ("GET", "/", 404, "NotFound"),
        ("GET", f"{PODS}/web/nosuch", 404, "NotFound"),
        ("GET", "/api/v1/namespaces/default/nodes", 404, "NotFound"),
        ("GET", "/api/v1/pods/web", 404, "NotFound"),
        ("POST", f"{PODS}/web", 405, "MethodNotAllowed"),
        ("PUT", PODS, 405, "MethodNotAllowed"),
        ("POST", "/api/v1/pods", 405, "MethodNotAllowed"),
        ("POST", "/api/v1/namespaces/default/services", 405, "MethodNotAllowed"),
        ("GET", f"{PODS}?limit=x", 400, "BadRequest"),
        ("GET", f"{PODS}?limit=-1", 400, "BadRequest"),
        ("GET", f"{PODS}?watch=maybe", 400, "BadRequest"),
        ("GET", f"{PODS}?labelSelector=a%20in", 400, "BadRequest"),
        ("POST", f"{PODS}?fieldValidation=Sometimes", 422, "Invalid"),
        ("POST", f"{PODS}?dryRun=Maybe", 422, "Invalid"),
        ("DELETE", f"{PODS}/web?dryRun=Maybe", 422, "Invalid"),
        ("DELETE", f"{PODS}/web?propagationPolicy=X", 422, "Invalid"),
    ],
)
def test_every_error_is_a_status(
    http: Asgi, method: str, url: str, code: int, reason: str
) -> None:
    """With code, reason and message."""
    body = b"{}" if method in ("POST", "PUT") else None
    answer = http(method, url, body)

    assert (answer.code, answer.json["code"]) == (code, code)
    assert (answer.json["kind"], answer.json["reason"]) == ("Status", reason)
    assert answer.json["message"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"metadata": 7}', b"[" * 99999],
)
def test_a_body_that_is_not_an_object_is_400(http: Asgi, body: bytes) -> None:
    """For create and replace; no crash."""
    assert http("POST", PODS, body).code == 400
    assert http("PUT", f"{PODS}/web", body).code == 400


@pytest.mark.parametrize(
    ("media_type", "code"),
    [
        ("application/json", 415),
        ("", 415),
        ("application/apply-patch+yaml", 415),
        ("application/merge-patch+json; charset=utf-8", 200),
    ],
)
def test_the_content_type_is_the_patch_type(
    http: Asgi, media_type: str, code: int
) -> None:
    """Unknown ones are refused."""
    http("POST", MAPS, config_map())

    answer = http("PATCH", f"{MAPS}/settings", {}, content_type=media_type)

    assert answer.code == code


def test_bodies_are_limited(http: Asgi) -> None:
    """To 3 MiB, checked while receiving."""
    answer = http("POST", PODS, b" " * (3 * 2**20 + 1))

    assert (answer.code, answer.json["reason"]) == (413, "RequestEntityTooLarge")


def test_the_names_of_body_and_path_must_agree(http: Asgi) -> None:
    """Otherwise the request is ambiguous."""
    answer = http("PUT", f"{MAPS}/other", config_map())

    assert answer.code == 400
    assert "does not match the name on the URL" in answer.json["message"]


CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#: What Helm and kubectl send when they are given a definition.
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "crontabs.stable.example.com"},
    "spec": {
        "group": "stable.example.com",
        "names": {"plural": "crontabs", "kind": "CronTab"},
        "scope": "Namespaced",
        "versions": [{"name": "v1", "served": True, "storage": True}],
    },
}


def test_there_are_no_custom_resource_definitions(http: Asgi) -> None:
    """Helm and kubectl list them before reporting a missing kind."""
    found = http("GET", CRDS)
    assert found.code == 200
    assert found.json["kind"] == "CustomResourceDefinitionList"
    assert found.json["apiVersion"] == "apiextensions.k8s.io/v1"
    assert found.json["items"] == []
    assert found.json["metadata"]["resourceVersion"]
    table = http("GET", CRDS, accept=TABLE)
    assert (table.json["kind"], table.json["rows"]) == ("Table", [])
    missing = http("GET", f"{CRDS}/crontabs.stable.example.com")
    assert (missing.code, missing.json["reason"]) == (404, "NotFound")


@pytest.mark.parametrize(
    ("method", "path", "verb", "content_type"),
    [
        ("POST", CRDS, "create", "application/json"),
        ("PUT", f"{CRDS}/crontabs.stable.example.com", "update", "application/json"),
        ("PATCH", f"{CRDS}/crontabs.stable.example.com", "patch", MERGE),
        (
            "PATCH",
            f"{CRDS}/crontabs.stable.example.com",
            "patch",
            "application/apply-patch+yaml",
        ),
        ("DELETE", f"{CRDS}/crontabs.stable.example.com", "delete", "application/json"),
        ("DELETE", CRDS, "deletecollection", "application/json"),
    ],
)
def test_custom_resource_definitions_cannot_be_created(
    http: Asgi, method: str, path: str, verb: str, content_type: str
) -> None:
    """With upstream's message for unsupported methods."""
    body = None if method == "DELETE" else CRD
    refused = http(method, path, body, content_type=content_type)
    kind = "customresourcedefinitions.apiextensions.k8s.io"
    assert (refused.code, refused.json["reason"]) == (405, "MethodNotAllowed")
    text = f'{verb} is not supported on resources of kind "{kind}"'
    assert refused.json["message"] == text
