"""The output of `describe` for other kinds, compared as a whole."""

from collections.abc import Sequence
from datetime import UTC

from supervisor.kinds import configmaps, secrets
from supervisor.kinds.describing import generic, parts
from supervisor.kinds.describing.page import Page, align
from supervisor.kinds.namespaces import description as namespace
from supervisor.kinds.nodes import description as node
from supervisor.kinds.replicationcontrollers import KIND as RC
from supervisor.model import times
from supervisor.model.meta import Object
from tests.kinds import NothingElse


class Listing(NothingElse):
    """A reader of these pods and of no events."""

    def __init__(self, pods: Sequence[Object]) -> None:
        self._pods = pods

    def list(self, *_: object, **__: object) -> Sequence[Object]:
        return self._pods

    def events(self, *_: object, **__: object) -> Sequence[Object]:
        return []


NOW = times.to_seconds("2026-01-06T10:00:00Z")


def page() -> Page:
    return Page(NOW, UTC)


def owned(phase: str, owner: str = "rc-uid") -> Object:
    ref = {"uid": owner, "controller": True, "kind": "ReplicationController"}
    return {"metadata": {"ownerReferences": [ref]}, "status": {"phase": phase}}


KUBIA: Object = {
    "apiVersion": "v1",
    "kind": "ReplicationController",
    "metadata": {
        "name": "kubia",
        "namespace": "default",
        "uid": "rc-uid",
        "labels": {"app": "kubia"},
    },
    "spec": {
        "replicas": 3,
        "selector": {"app": "kubia"},
        "template": {
            "metadata": {"labels": {"app": "kubia"}},
            "spec": {
                "containers": [
                    {
                        "name": "kubia",
                        "image": "luksa/kubia",
                        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                    }
                ]
            },
        },
    },
    "status": {"replicas": 3},
}

DESCRIBED = """\
Name:         kubia
Namespace:    default
Selector:     app=kubia
Labels:       app=kubia
Annotations:  <none>
Replicas:     3 current / 3 desired
Pods Status:  4 Running / 1 Waiting / 0 Succeeded / 0 Failed
Pod Template:
  Labels:  app=kubia
  Containers:
   kubia:
    Image:         luksa/kubia
    Port:          8080/TCP
    Host Port:     0/TCP
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Events:            <none>
"""


def test_a_controller_counts_terminating_pods() -> None:
    """Four running of three desired, as in the book; pods of others are not counted."""
    pods = [*[owned("Running")] * 4, owned("Pending"), owned("Running", "other")]
    written = page()

    RC.describe(written, KUBIA, Listing(pods))

    assert written.text() == DESCRIBED


def test_a_namespace() -> None:
    """Labels, status, and that there are no quotas."""
    written = page()
    obj = {"metadata": {"name": "team"}, "status": {"phase": "Active"}}

    namespace.describe(written, obj)

    assert written.text() == (
        "Name:         team\nLabels:       <none>\nAnnotations:  <none>\n"
        "Status:       Active\n\nNo resource quota.\n\nNo LimitRange resource.\n"
    )


def test_a_namespace_shows_its_quotas_and_limits() -> None:
    """Though nobody enforces them yet."""
    written = page()
    obj = {"metadata": {"name": "team"}, "status": {"phase": "Active"}}
    quota = {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "4"}}}
    item = {"type": "Container", "max": {"cpu": "1"}}

    namespace.describe(written, obj, [quota], [{"spec": {"limits": [item]}}])

    lines = written.text().splitlines()
    assert [line.split() for line in lines if "pods" in line] == [["pods", "0", "4"]]
    assert ["Container", "cpu", "-", "1", "-", "-", "-"] in [x.split() for x in lines]


def test_a_secret_shows_only_sizes() -> None:
    """Values are not printed."""
    written = page()
    meta = {"name": "s", "namespace": "default"}

    secret = {"metadata": meta, "data": {"pw": "Z2VoZWlt"}}
    secrets.describe(written, secret, NothingElse())

    text = written.text()
    assert "geheim" not in text and "Z2VoZWlt" not in text
    assert text.endswith("\nType:  Opaque\n\nData\n====\npw:  6 bytes\n")


def test_a_config_map_shows_its_values() -> None:
    """Text as it is, binary data by size."""
    written = page()
    obj = {
        "metadata": {"name": "c", "namespace": "default"},
        "data": {"k": "v"},
        "binaryData": {"b": "AAAA"},
    }

    configmaps.describe(written, obj, NothingElse())

    _, _, rest = written.text().partition("\nData\n====\n")
    assert rest == (
        "k:\n----\nv\n\n\nBinaryData\n====\nb: 3 bytes\n\nEvents:  <none>\n"
    )


def test_a_node_sums_up_requests_and_limits() -> None:
    """Compared to its allocatable resources."""
    resources = {"requests": {"cpu": "500m", "memory": "64Mi"}}
    pod = {
        "metadata": {
            "name": "a",
            "namespace": "default",
            "creationTimestamp": "2026-01-06T09:59:00Z",
        },
        "spec": {"containers": [{"name": "c", "resources": resources}]},
    }
    obj = {
        "metadata": {"name": "host-1"},
        "status": {"allocatable": {"cpu": "2", "memory": "128Mi"}},
    }
    written = page()

    node.describe(written, obj, node.Related(None, [pod], []))

    lines = [" ".join(line.split()) for line in written.text().splitlines()]
    assert "Roles: <none>" in lines
    assert "default a 500m (25%) 0 (0%) 64Mi (50%) 0 (0%) 60s" in lines
    assert "cpu 500m (25%) 0 (0%)" in lines
    assert "memory 64Mi (50%) 0 (0%)" in lines


def test_other_kinds_show_all_their_fields() -> None:
    """Field names are split into words."""
    written = page()
    obj = {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "a", "namespace": "n", "uid": "u"},
        "spec": {"holderIdentity": "x", "ready": True, "args": ["b"]},
    }

    generic.describe(written, obj, NothingElse(None))

    assert written.text() == (
        "Name:         a\nNamespace:    n\nLabels:       <none>\nAnnotations:  <none>\n"
        "API Version:  v1\nKind:         Thing\nMetadata:\n  UID:  u\nSpec:\n"
        "  Args:\n    b\n  Holder Identity:  x\n  Ready:            true\n"
    )


def test_columns_are_aligned_in_consecutive_lines_only() -> None:
    """A line without the column ends it."""
    assert align("a\tb\nlong\tc\nx\nd\te\n") == "a     b\nlong  c\nx\nd  e\n"


def test_long_annotations_are_on_separate_lines() -> None:
    """Short ones follow their key."""
    written = page()

    parts.write_annotations(written, {"a": "x", "b": "y\nz"})

    assert written.text() == (
        "Annotations:  a: x\n              b:\n                y\n                z\n"
    )


def test_tolerations_are_formatted_like_kubectl() -> None:
    """Key, effect, operator and duration."""
    written = page()
    seconds = {"key": "k", "operator": "Exists", "effect": "NoExecute"}

    parts.write_tolerations(
        written, [seconds | {"tolerationSeconds": 300}, {"operator": "Exists"}]
    )

    assert written.text() == (
        "Tolerations:  op=Exists\n              k:NoExecute op=Exists for 300s\n"
    )
