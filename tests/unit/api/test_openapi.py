"""OpenAPI documents contain what kubectl requires."""

import json
from typing import Any

import pytest

from supervisor.api import wire
from supervisor.api.openapi import Document, Resource
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

RESOURCES = [
    Resource("v1", "Pod", "pods", True),
    Resource("v1", "Node", "nodes", False),
    Resource("coordination.k8s.io/v1", "Lease", "leases", True),
    Resource(
        "authorization.k8s.io/v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        False,
        ("create",),
    ),
]
POD_PATH = "/api/v1/namespaces/{namespace}/pods/{name}"
CORE = "io.k8s.api.core.v1"


def core() -> Object:
    document: Object = json.loads(Document(RESOURCES).v3_document("api/v1"))
    return document


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = core()["components"]["schemas"]
    return found


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        below = [references(v) for v in value.values()]
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*below)
    if isinstance(value, list):
        return set().union(*(references(v) for v in value))
    return set()


def test_the_index_names_each_group_version_with_a_hash() -> None:
    """The hash is that of the document, for caching."""
    document = Document(RESOURCES)

    paths = document.v3_index()["paths"]

    assert list(paths) == [
        "api/v1",
        "apis/coordination.k8s.io/v1",
        "apis/authorization.k8s.io/v1",
    ]
    tag = document.v3_etag("api/v1")
    assert paths["api/v1"]["serverRelativeURL"] == f"/openapi/v3/api/v1?hash={tag}"


def test_the_hash_changes_with_the_content() -> None:
    """For example with another resource."""
    fewer, more = Document(RESOURCES[:1]), Document(RESOURCES)

    assert fewer.v3_etag("api/v1") != more.v3_etag("api/v1")
    assert fewer.v2_etag() != more.v2_etag()
    assert fewer.v2_etag() == Document(RESOURCES[:1]).v2_etag()


def test_an_unknown_document_is_not_found() -> None:
    """404, like other paths."""
    with pytest.raises(ApiError) as caught:
        Document(RESOURCES).v3_document("apis/apps/v1")

    assert caught.value.code == 404


def test_a_kind_without_schema_is_refused() -> None:
    """It is an error in the code."""
    with pytest.raises(LookupError, match="has no Nope in v1"):
        Document([Resource("v1", "Nope", "nopes", True)]).v2_protobuf()


def test_server_side_validation_is_announced() -> None:
    """Each kind has a PATCH operation with its kind and `fieldValidation`."""
    patch = core()["paths"][POD_PATH]["patch"]

    assert patch["x-kubernetes-group-version-kind"] == {
        "group": "",
        "version": "v1",
        "kind": "Pod",
    }
    names = [(p["name"], p["in"]) for p in patch["parameters"]]
    assert ("fieldValidation", "query") in names


def test_server_side_apply_is_not_announced() -> None:
    """Only supported patch types are listed."""
    content = core()["paths"][POD_PATH]["patch"]["requestBody"]["content"]

    assert set(content) == {
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
    }


def test_paths_follow_the_scope_and_the_verbs() -> None:
    """Nodes have no namespace; reviews can only be created (but list a PATCH)."""
    document = Document(RESOURCES)
    reviews = json.loads(document.v3_document("apis/authorization.k8s.io/v1"))
    root = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    assert {"get", "put", "patch", "delete", "parameters"} == set(
        core()["paths"]["/api/v1/nodes/{name}"]
    )
    assert set(reviews["paths"][root]) == {"post", "parameters"}
    assert set(reviews["paths"][root + "/{name}"]) == {"patch", "parameters"}


def test_every_reference_has_a_definition() -> None:
    """In the same document."""
    for path in Document(RESOURCES).v3_index()["paths"]:
        document = json.loads(Document(RESOURCES).v3_document(path))
        defined = {
            f"#/components/schemas/{n}" for n in document["components"]["schemas"]
        }

        assert references(document) <= defined


def test_kinds_carry_their_group_version_kind() -> None:
    """kubectl finds the schema of a kind by it."""
    key = "x-kubernetes-group-version-kind"
    gvk = {"group": "", "version": "v1", "kind": "Pod"}

    assert schemas()[f"{CORE}.Pod"][key] == [gvk]
    assert key not in schemas()[f"{CORE}.PodSpec"]


def test_merged_lists_have_their_merge_keys() -> None:
    """And their strategy, for apply."""
    spec = schemas()[f"{CORE}.PodSpec"]["properties"]

    assert spec["volumes"]["x-kubernetes-patch-merge-key"] == "name"
    assert spec["volumes"]["x-kubernetes-patch-strategy"] == "merge,retainKeys"
    assert "x-kubernetes-patch-strategy" not in spec["tolerations"]
    assert schemas()[f"{CORE}.PodSpec"]["required"] == ["containers"]


def test_values_have_types_and_choices() -> None:
    """Enumerations, maps, lists, int-or-string, and descriptions."""
    properties = {
        name: schemas()[f"{CORE}.{name}"]["properties"]
        for name in ("PodSpec", "Container", "HTTPGetAction")
    }

    assert properties["PodSpec"]["restartPolicy"]["enum"] == [
        "Always",
        "OnFailure",
        "Never",
    ]
    assert properties["PodSpec"]["nodeSelector"]["additionalProperties"] == {
        "type": "string"
    }
    assert properties["Container"]["command"]["items"] == {"type": "string"}
    port = properties["HTTPGetAction"]["port"]
    name = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    assert port["allOf"] == [{"$ref": f"#/components/schemas/{name}"}]
    assert {"type": "integer"} in schemas()[name]["oneOf"]
    assert port["description"].endswith(".")


# -- v2


def members(body: Any, number: int) -> list[Any]:
    return [value for n, value in wire.fields(body) if n == number]


def named(body: Any, number: int) -> dict[str, Any]:
    """The entries of a map, each a message with name and value."""
    entries: list[dict[int, Any]] = [
        dict(wire.fields(e)) for e in members(body, number)
    ]
    return {e[1].decode(): e[2] for e in entries}


def definitions() -> dict[str, Any]:
    [body] = members(Document(RESOURCES).v2_protobuf(), 9)
    return named(body, 1)


def extensions(schema: Any) -> dict[str, Any]:
    found = named(schema, 31)
    return {key: json.loads(members(value, 2)[0]) for key, value in found.items()}


def properties(schema: Any) -> dict[str, Any]:
    [body] = members(schema, 25)
    return named(body, 1)


def test_v2_defines_the_same_types() -> None:
    """All groups in one document, with the same names."""
    assert {f"{CORE}.Pod", f"{CORE}.Node", "io.k8s.api.coordination.v1.Lease"} <= set(
        definitions()
    )
    assert set(schemas()) <= set(definitions())


def test_v2_has_kinds_merge_keys_and_references() -> None:
    """kubectl before 1.29 validates and applies with them."""
    pod, spec = definitions()[f"{CORE}.Pod"], definitions()[f"{CORE}.PodSpec"]
    containers = properties(spec)["containers"]
    [items] = members(containers, 23)
    [element] = members(items, 1)

    assert extensions(pod)["x-kubernetes-group-version-kind"] == [
        {"group": "", "version": "v1", "kind": "Pod"}
    ]
    assert extensions(containers) == {
        "x-kubernetes-patch-merge-key": "name",
        "x-kubernetes-patch-strategy": "merge",
    }
    assert members(element, 1) == [f"#/definitions/{CORE}.Container".encode()]
    assert members(spec, 19) == [b"containers"]


def test_v2_announces_dry_run_and_server_side_validation() -> None:
    """Each item path has a PATCH with its kind and parameters."""
    [paths] = members(Document(RESOURCES).v2_protobuf(), 8)
    item = named(paths, 2)[POD_PATH]
    [patch] = members(item, 8)

    assert b"application/strategic-merge-patch+json" in members(patch, 7)
    dry_run, validation = members(patch, 8)
    assert b"dryRun" in dry_run and b"fieldValidation" in validation
    assert b'"kind":"Pod"' in members(patch, 13)[0]
