"""The output of `describe pod`, compared as a whole."""

from datetime import UTC

from supervisor.kinds.describing.page import Page
from supervisor.kinds.pods import description as pod
from supervisor.model import times
from supervisor.model.meta import Object

NOW = times.to_seconds("2026-01-06T10:03:30Z")


def kubia_liveness() -> Object:
    """The pod of the book after its first restart."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "kubia-liveness", "namespace": "default", "uid": "u"},
        "spec": {
            "nodeName": "host-1",
            "containers": [
                {
                    "name": "kubia",
                    "image": "luksa/kubia-unhealthy",
                    "livenessProbe": {
                        "httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"},
                        "timeoutSeconds": 1,
                        "periodSeconds": 10,
                        "successThreshold": 1,
                        "failureThreshold": 3,
                    },
                }
            ],
        },
        "status": {
            "phase": "Running",
            "hostIP": "192.0.2.2",
            "podIP": "172.17.0.5",
            "podIPs": [{"ip": "172.17.0.5"}],
            "startTime": "2026-01-06T10:00:00Z",
            "qosClass": "BestEffort",
            "conditions": [
                {"type": "PodReadyToStartContainers", "status": "True"},
                {"type": "Ready", "status": "True"},
            ],
            "containerStatuses": [restarted()],
        },
    }


def restarted() -> Object:
    return {
        "name": "kubia",
        "containerID": "docker://bb",
        "imageID": "docker://sha256:aa",
        "ready": True,
        "restartCount": 1,
        "state": {"running": {"startedAt": "2026-01-06T10:02:10Z"}},
        "lastState": {
            "terminated": {
                "exitCode": 137,
                "reason": "Error",
                "startedAt": "2026-01-06T10:00:05Z",
                "finishedAt": "2026-01-06T10:02:09Z",
            }
        },
    }


def events() -> list[Object]:
    unhealthy = "Liveness probe failed: HTTP probe failed with statuscode: 500\n"
    killing = "Container kubia failed liveness probe, will be restarted"
    return [
        event("Killing", killing, "10:01:39", "10:01:39", 1),
        event("Unhealthy", unhealthy, "10:01:19", "10:01:39", 3, "Warning"),
        event("Started", "Started container kubia", "10:00:05", "10:02:10", 2),
    ]


def event(
    reason: str, message: str, first: str, last: str, count: int, kind: str = "Normal"
) -> Object:
    return {
        "type": kind,
        "reason": reason,
        "message": message,
        "count": count,
        "firstTimestamp": f"2026-01-06T{first}Z",
        "lastTimestamp": f"2026-01-06T{last}Z",
        "source": {"component": "kubelet"},
    }


DESCRIBED = """\
Name:         kubia-liveness
Namespace:    default
Node:         host-1/192.0.2.2
Start Time:   Tue, 06 Jan 2026 10:00:00 +0000
Labels:       <none>
Annotations:  <none>
Status:       Running
IP:           172.17.0.5
IPs:
  IP:  172.17.0.5
Containers:
  kubia:
    Container ID:   docker://bb
    Image:          luksa/kubia-unhealthy
    Image ID:       docker://sha256:aa
    Port:           <none>
    Host Port:      <none>
    State:          Running
      Started:      Tue, 06 Jan 2026 10:02:10 +0000
    Last State:     Terminated
      Reason:       Error
      Exit Code:    137
      Started:      Tue, 06 Jan 2026 10:00:05 +0000
      Finished:     Tue, 06 Jan 2026 10:02:09 +0000
    Ready:          True
    Restart Count:  1
    Liveness:       http-get http://:8080/ delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment:    <none>
    Mounts:         <none>
Conditions:
  Type                        Status
  PodReadyToStartContainers   True 
  Ready                       True 
Volumes:                      <none>
QoS Class:                    BestEffort
Node-Selectors:               <none>
Tolerations:                  <none>
Events:
  Type     Reason     Age                   From     Message
  ----     ------     ----                  ----     -------
  Normal   Killing    111s                  kubelet  Container kubia failed liveness probe, will be restarted
  Warning  Unhealthy  111s (x3 over 2m11s)  kubelet  Liveness probe failed: HTTP probe failed with statuscode: 500
  Normal   Started    80s (x2 over 3m25s)   kubelet  Started container kubia
"""  # noqa: E501, W291


def described(obj: Object, found: list[Object]) -> str:
    page = Page(NOW, UTC)
    pod.describe(page, obj, found)
    return page.text()


def test_a_restarted_pod_is_described_as_in_the_book() -> None:
    """State, last state with exit code 137, restart count, probe and events."""
    assert described(kubia_liveness(), events()) == DESCRIBED


def test_a_pod_without_node_and_events() -> None:
    """Missing values are `<none>`."""
    obj = kubia_liveness()
    del obj["spec"]["nodeName"]
    obj["status"] = {"phase": "Pending"}

    lines = described(obj, []).splitlines()

    assert lines[2].split() == ["Node:", "<none>"]
    assert lines[-1].split() == ["Events:", "<none>"]


def test_a_terminating_pod_shows_its_grace_period() -> None:
    """The deletion is shown instead of the phase."""
    obj = kubia_liveness()
    obj["metadata"] |= {
        "deletionTimestamp": "2026-01-06T10:03:20Z",
        "deletionGracePeriodSeconds": 30,
    }

    text = described(obj, [])

    assert "Status:                    Terminating (lasts 10s)\n" in text
    assert "Termination Grace Period:  30s\n" in text


def test_environment_and_mounts_are_shown_with_their_sources() -> None:
    """References are shown with their target; fields of the pod are resolved."""
    obj = kubia_liveness()
    container = obj["spec"]["containers"][0]
    ref = {"name": "app", "key": "colour"}
    container["env"] = [
        {"name": "A", "value": "1"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "C", "valueFrom": {"configMapKeyRef": ref}},
        {"name": "S", "valueFrom": {"secretKeyRef": ref | {"optional": True}}},
    ]
    container["volumeMounts"] = [
        {"name": "d", "mountPath": "/z", "readOnly": True, "subPath": "s"},
        {"name": "d", "mountPath": "/a"},
    ]
    obj["spec"]["volumes"] = [{"name": "d", "emptyDir": {}}]

    text = described(obj, [])

    assert _section(text, "Environment:", "Mounts:") == [
        "A:    1",
        "POD:  kubia-liveness (v1:metadata.name)",
        "C:    <set to the key 'colour' of config map 'app'>  Optional: false",
        "S:    <set to the key 'colour' in secret 'app'>      Optional: true",
    ]
    assert _section(text, "Mounts:", "Conditions:") == [
        "/a from d (rw)",
        '/z from d (ro,path="s")',
    ]
    assert "EmptyDir (a temporary directory that shares a pod's lifetime)" in text


def _section(text: str, title: str, end: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return lines[lines.index(title) + 1 : lines.index(end)]
