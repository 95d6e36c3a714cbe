"""Values of wrong types in all fields of all bodies.

The fields are taken from the schema, so new fields are tested, too."""

import json
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Resource
from supervisor.model import schema
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes
from tests.odd_objects import ODD, fields, minimal, put, type_of
from tests.unit.api.test_nulls import refused_or_done

POD = "/api/v1/namespaces/default/pods/a"
RC = "/api/v1/namespaces/default/replicationcontrollers/a"
MERGE, STRATEGIC = (
    f"application/{kind}merge-patch+json" for kind in ("", "strategic-")
)


@pytest.fixture
def http(registry: Registry, clock: FakeClock) -> Asgi:
    """A client, with a pod and a ReplicationController named `a`."""
    for resource in CATALOG.resources:
        if resource.identity.resource in ("pods", "replicationcontrollers"):
            registry.create(resource.identity.resource, minimal(resource), "default")
    app = create_app(registry, FakeNodes(FakeNode()), ["sesame-open"], clock=clock)
    return Asgi(app, "sesame-open")


@pytest.mark.parametrize(
    "resource",
    [r for r in CATALOG.resources if "create" in r.verbs],
    ids=lambda r: r.identity.kind,
)
def test_an_odd_value_in_a_new_object_causes_no_internal_error(
    resource: Resource, registry: Registry
) -> None:
    """It is refused with a 4xx or accepted."""
    named = resource.identity.resource
    namespace = "default" if resource.identity.namespaced else ""
    base, dry = minimal(resource), WriteOptions(dry_run=True)
    wrong = []
    for path in fields(type_of(resource)):
        for odd in ODD:
            body = put(base, path, odd)
            told = refused_or_done(
                lambda b=body: registry.create(named, b, namespace, dry)
            )
            if told:
                wrong.append(f"{'.'.join(map(str, path))} = {odd!r}: {told}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize(
    ("api_version", "kind", "method", "url", "content_type"),
    [
        ("v1", "Binding", "POST", f"{POD}/binding?dryRun=All", ""),
        ("policy/v1", "Eviction", "POST", f"{POD}/eviction?dryRun=All", ""),
        ("v1", "DeleteOptions", "DELETE", f"{POD}?dryRun=All", ""),
        ("autoscaling/v1", "Scale", "PUT", f"{RC}/scale?dryRun=All", ""),
        ("autoscaling/v1", "Scale", "PATCH", f"{RC}/scale?dryRun=All", MERGE),
        ("autoscaling/v1", "Scale", "PATCH", f"{RC}/scale?dryRun=All", STRATEGIC),
    ],
)
def test_an_odd_value_in_a_subresource_causes_no_internal_error(
    api_version: str, kind: str, method: str, url: str, content_type: str, http: Asgi
) -> None:
    """The response is a Status other than 5xx."""
    type_ = schema.lookup(api_version, kind)
    assert type_ is not None
    codes = Counter[int]()
    wrong = []
    for path in fields(type_):
        for odd in ODD:
            body: Any = put({}, path, odd)
            headers = {"content_type": content_type} if content_type else {}
            answer = http(method, url, json.dumps(body).encode(), **headers)
            codes[answer.code] += 1
            if answer.code >= 500:
                wrong.append(f"{'.'.join(map(str, path))} = {odd!r}: {answer.json}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])
    assert codes[400] > 5, codes


def test_a_patch_of_the_scale_may_name_the_kind_of_its_parent(http: Asgi) -> None:
    """Ansible sends it, and upstream accepts it."""
    named = {"apiVersion": "v1", "kind": "ReplicationController"}
    for count, content_type in enumerate((MERGE, STRATEGIC), 3):
        body = deepcopy(named) | {"spec": {"replicas": count}}

        answer = http("PATCH", f"{RC}/scale", body, content_type=content_type)

        assert answer.code == 200, answer.json
        assert answer.json["kind"] == "Scale"
        assert answer.json["spec"] == {"replicas": count}
    assert http("GET", RC).json["spec"]["replicas"] == 4


def test_a_patch_of_the_scale_may_name_no_other_kind(http: Asgi) -> None:
    """The error contains the kind."""
    body = {"apiVersion": "v1", "kind": "Pod", "spec": {"replicas": 3}}

    answer = http("PATCH", f"{RC}/scale", body, content_type=MERGE)

    assert answer.code == 400
    assert "expected a Scale, got a Pod" in answer.json["message"]
