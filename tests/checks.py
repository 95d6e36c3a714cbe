"""What tests wait for and look at: every observable of the real thing, in one place."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from supervisor.client.base import Client
from supervisor.model.meta import Object
from tests.daemon import Daemon

T = TypeVar("T")


def eventually(check: Callable[[], T], *, within: float = 60, what: str = "") -> T:
    """The first truthy answer of `check`; AssertionError if none comes in time."""
    end = time.monotonic() + within
    while not (found := check()):
        assert time.monotonic() < end, f"not in {within:g} s: {what or check}"
        time.sleep(0.05)
    return found


def always(check: Callable[[], object], *, during: float) -> None:
    """AssertionError as soon as `check` is not truthy within the time."""
    end = time.monotonic() + during
    while time.monotonic() < end:
        assert check()
        time.sleep(0.1)


# -- pods


def pod_manifest(name: str, *containers: Object, **spec: Any) -> Object:
    body = {"terminationGracePeriodSeconds": 1, "containers": list(containers)} | spec
    meta = {"name": name, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": body}


def shell(name: str, script: str, **fields: Any) -> Object:
    """A container that runs a shell script."""
    return {
        "name": name,
        "image": "supervisor/busybox",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
    } | fields


def web(name: str = "web", image: str = "luksa/kubia", **fields: Any) -> Object:
    """The book's app, answering on 8080."""
    return {"name": name, "image": image, "imagePullPolicy": "IfNotPresent"} | fields


def controller_manifest(name: str, replicas: int, *containers: Object) -> Object:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": list(containers)},
    }
    spec = {"replicas": replicas, "selector": {"app": name}, "template": template}
    return {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": name},
        "spec": spec,
    }


def status_of(client: Client, namespace: str, pod: str, container: str) -> Object:
    """The container's status; empty while there is none."""
    status = client.get("pods", pod, namespace).get("status", {})
    rows = [
        *status.get("containerStatuses", ()),
        *status.get("initContainerStatuses", ()),
    ]
    return next((r for r in rows if r["name"] == container), {})


def is_ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def ready_pods(client: Client, namespace: str, labels: str = "") -> list[str]:
    """Names of pods that are ready and not being deleted."""
    items = client.list("pods", namespace, labels=labels).items
    alive = [p for p in items if "deletionTimestamp" not in p["metadata"]]
    return sorted(p["metadata"]["name"] for p in alive if is_ready(p))


def phase(client: Client, namespace: str, pod: str) -> str:
    return str(client.get("pods", pod, namespace).get("status", {}).get("phase"))


def events(client: Client, namespace: str, name: str) -> list[tuple[str, str]]:
    """(reason, message) of all that was recorded of an object."""
    found = client.list("events", namespace, fields=f"involvedObject.name={name}")
    return [(e["reason"], e["message"]) for e in found.items]


def wait_ready(client: Client, namespace: str, pod: str, within: float = 30) -> None:
    eventually(
        lambda: is_ready(client.get("pods", pod, namespace)),
        within=within,
        what=f"pod {pod} is ready",
    )


# -- the engine


def running_ids(daemon: Daemon, pod: str, container: str) -> list[str]:
    """Ids of the containers that run for one container of a pod."""
    labels = {
        "io.kubernetes.pod.name": pod,
        "io.kubernetes.container.name": container,
    }
    found = daemon.containers(**labels)
    return [c.id for c in found if c.status == "running"]
