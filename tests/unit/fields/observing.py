"""What becomes of a pod: all that the engine, the API's readers and the probed see.

The scenario is one for all fields: the pod starts, its probes fail and succeed by
turns, its containers fail and end well, and the pod is deleted.
"""

import asyncio
import json
import re
import ssl
from collections.abc import Callable, Coroutine, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.pod import Container, Probe
from supervisor.probing.asker import RealAsker
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import ContainerConfig, ExecResult, Files, SandboxConfig
from supervisor.runtime.base.origin_labels import MANIFEST
from supervisor.runtime.docker.pods import bodies as docker_config
from supervisor.runtime.docker.volumes import mounts as docker_mounts
from supervisor.runtime.reach import PodAddress, Proto, Way
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.agent import NODE, Engine, Node
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import Program
from tests.unit.controllers.build import node_object
from tests.unit.controllers.cluster import Cluster

Trace = list[str]
_MESSAGES = ("/dev/termination-log", "/message")
_LABELS = {"app": "web", "tier": "x", "common": "x"}
_OWNER = {"supervisor.cluster": "c", "supervisor.node": NODE}
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OBJECTS: tuple[tuple[str, Object], ...] = tuple(
    (
        resource,
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}} | data,
    )
    for resource, kind, name, data in (
        ("configmaps", "ConfigMap", "settings", {"data": {"a": "1", "b": "2"}}),
        ("configmaps", "ConfigMap", "other", {"data": {"a": "3"}}),
        ("secrets", "Secret", "keys", {"stringData": {"a": "4", "b": "5"}}),
        ("secrets", "Secret", "other", {"stringData": {"a": "6"}}),
    )
)


def pod(spec: Object) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "labels": dict(_LABELS)},
        "spec": spec,
    }


@cache
def _api() -> Registry:
    return Registry(SqliteStore(":memory:"), FakeClock())


def admitted(spec: Object) -> tuple[list[str], str]:
    """The API's warnings, and why it refuses the pod, if it does."""
    options = WriteOptions(dry_run=True)
    try:
        _api().create("pods", pod(deepcopy(spec)), "default", options)
    except ApiError as error:
        return options.warnings, str(error)
    return options.warnings, ""


# -- on a node


class _Engine(Engine):
    """Notes what Docker would be asked for."""

    def __init__(self, node: "_Node") -> None:
        super().__init__(node.clock)
        self._node = node

    def note(self, *words: object) -> None:
        at = self._node.clock.now() - self._node.began
        self._node.trace.append(f"{at:.1f} " + " ".join(str(w) for w in words))

    def start_sandbox(self, config: SandboxConfig) -> str:
        # The manifest is on the sandbox as it is: that is no effect of a field.
        labels = {k: v for k, v in config.labels.items() if k != MANIFEST}
        body = docker_config.sandbox(
            replace(config, labels=labels),
            image="pause",
            network="bridge",
            owner=_OWNER,
        )
        self.note("sandbox", json.dumps(body, sort_keys=True))
        return super().start_sandbox(config)

    def write_files(
        self, sandbox_id: str, volume: str, files: Files, group: int | None
    ) -> bool:
        shown = {path: (file.data, file.mode) for path, file in files.items()}
        self.note("writes", volume, sorted(shown.items()), group)
        return super().write_files(sandbox_id, volume, files, group)

    def create_container(self, config: ContainerConfig) -> str:
        folders = {
            m: docker_mounts.Folder(m.sub_path) for m in config.mounts if m.sub_path
        }
        files = {
            path: f"/{name}" for path, name in docker_mounts.managed(config).items()
        }
        mounts = docker_mounts.of_container(config, files=files, folders=folders)
        self.note("files", config.hosts, config.resolv_conf)
        body = docker_config.container(config, owner=_OWNER, mounts=mounts)
        self.note("container", json.dumps(body, sort_keys=True))
        self.note("looks at", docker_mounts.typed(config.mounts))
        return super().create_container(config)

    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        self.note("exec", list(command), timeout)
        self.add_program(command, Program())
        return super().exec(container_id, command, timeout=timeout, limit=limit)

    def _call(self, *call: Any) -> None:
        self.note(*call)
        super()._call(*call)


@dataclass(frozen=True, slots=True)
class _NotedWay(Way):
    """A way to a server that answers every HTTP request."""

    note: Callable[..., None] = field(default=print, compare=False)

    async def open(
        self,
        factory: Callable[[], Proto],
        *,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> tuple[asyncio.Transport, Proto]:
        self.note("connect", self.host, self.port, tls is not None, server_name)
        protocol = factory()
        transport = _NotedTransport(self.note)
        protocol.connection_made(transport)
        assert isinstance(protocol, asyncio.Protocol)
        protocol.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        return transport, protocol


class _NotedTransport(asyncio.Transport):
    """Tells what is sent."""

    def __init__(self, note: Callable[..., None]) -> None:
        super().__init__()
        self._note = note

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._note("sent", bytes(data))

    def close(self) -> None: ...

    def abort(self) -> None: ...


class _Reach:
    is_remote = False

    def __init__(self, note: Callable[..., None]) -> None:
        self._note = note

    def way(self, pod: PodAddress, port: int) -> Way:
        return _NotedWay(pod.ip, port, note=self._note)


class _Loop:
    """Notes what would be asked over the network, and answers by turns."""

    def __init__(self, asker: "_Asker") -> None:
        self._asker = asker

    def run(
        self, work: Coroutine[Any, Any, Any], done: Callable[[Attempt], None]
    ) -> None:
        asked = _given(_given(work)["work"])
        work.close()
        if (request := asked.pop("first", None)) is not None:
            asked |= {"request": request.encode(), "scheme": request.scheme}
            asked["way"] = request.way(request.port)
        self._asker.note("asks", sorted((k, str(v)) for k, v in asked.items()))
        done(self._asker.next())


def _given(work: Any) -> dict[str, Any]:
    """The arguments of a coroutine that has not begun; it is ended."""
    found = dict(work.cr_frame.f_locals)
    work.close()
    return found


class _Asker(RealAsker):
    def __init__(self, engine: _Engine) -> None:
        super().__init__(_Loop(self), engine)  # type: ignore[arg-type]
        self.note = engine.note
        self._turn = 0
        self._who = ""

    def next(self) -> Attempt:
        """Two that fail, then two that succeed, and so on."""
        self._turn += 1
        failed = self._turn % 4 in (1, 2)
        return Attempt(Outcome.FAILURE if failed else Outcome.SUCCESS, "said")

    def ask(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        address: PodAddress,
        done: Callable[[Attempt], None],
    ) -> None:
        self.note("probe of", container.name)
        super().ask(probe, container, container_id, address, done)

    def _in_background(self, work: Callable[[], None]) -> None:
        work()

    def _exec(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        done: Callable[[Attempt], None],
    ) -> None:
        super()._exec(probe, container, container_id, lambda _: done(self.next()))


class _Node(Node):
    def __init__(self) -> None:
        self.trace: Trace = []
        self.began = 0.0
        super().__init__()
        engine = _Engine(self)
        engine.add_image("img:1")
        engine.add_image("img:2", user="1000")
        engine.reach = _Reach(engine.note)
        self.runtime = engine
        self.asker = _Asker(engine)  # type: ignore[assignment]
        self.began = self.clock.now()
        self.restart()


def on_a_node(spec: Object) -> Trace:
    """What the engine and the probed are asked, and what the API shows."""
    return _on_a_node(json.dumps(spec))


@cache
def _on_a_node(text: str) -> Trace:
    spec: Object = json.loads(text)
    if spec.get("schedulingGates"):
        return ["reaches no node"]
    node = _Node()
    node.trace.clear()
    for resource, body in _OBJECTS:
        node.api.create(resource, deepcopy(body), "default")
    for name in ("claim", "other"):
        _make_claim(node, name)
    made = node.api.create("pods", pod({"nodeName": NODE} | spec), "default")
    uid = made["metadata"]["uid"]
    names = [c["name"] for c in made["spec"]["containers"]]
    inits = [c["name"] for c in made["spec"].get("initContainers", [])]
    node.settle()
    _show(node)
    for row, seconds in ((inits, 15), (names, 45)):
        for code in (1, 0):
            _advance(node, seconds)
            for name in row:
                _end(node, name, code)
    _advance(node, 15)
    if node.exists("web"):
        node.delete("web")
        node.advance(60)
    node.trace += [f"event {e}" for e in node.events()]
    return [_plain(line, uid, made["metadata"]["name"]) for line in node.trace]


def _make_claim(node: _Node, name: str) -> None:
    """A claim that is bound to a volume of its own."""
    claims, volumes = "persistentvolumeclaims", "persistentvolumes"
    common: Object = {"accessModes": ["ReadWriteOnce"]}
    asked = {"resources": {"requests": {"storage": "1Gi"}}, "volumeName": name}
    meta = {"name": name}
    made = node.api.create(
        claims, {"metadata": meta, "spec": common | asked}, "default"
    )
    ref = {"namespace": "default", "name": name, "uid": made["metadata"]["uid"]}
    offered = {
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": f"/srv/{name}"},
        "claimRef": ref,
    }
    node.api.create(volumes, {"metadata": meta, "spec": common | offered}, "")
    bound = {"status": {"phase": "Bound"}}
    node.api.patch(claims, name, "default", bound, subresource="status")


def _advance(node: _Node, seconds: int) -> None:
    for _ in range(seconds // 5):
        _show(node)
        node.advance(5)


def _end(node: _Node, name: str, code: int) -> None:
    """What ends badly leaves a log alone; what ends well, a message as well."""
    if name not in node.runtime.running("web"):
        return
    node.runtime.write_log("web", name, b"a line\n")
    if code == 0:
        for path in _MESSAGES:
            node.runtime.write_file("web", name, path, path.encode())
    node.exit("web", name, code)


def _show(node: _Node) -> None:
    if node.exists("web"):
        shown = json.dumps(node.pod("web").get("status", {}), sort_keys=True)
        node.trace.append(f"status {shown}")


def _plain(line: str, uid: str, name: str) -> str:
    return _UID.sub("UID", line.replace(uid, "UID"))


# -- at the scheduler


def scheduled(spec: Object) -> Trace:
    """Where the pod goes, of nodes and pods that differ in all that fields speak of."""
    cluster = Cluster("scheduler")
    zones = {"one": "a", "two": "b", "three": "b"}
    for name, zone in zones.items():
        labels = {"kubernetes.io/hostname": name, "zone": zone}
        if name == "one":
            labels["disk"] = "ssd"
        node = node_object(name, labels=labels, cpu="4")
        if name == "three":
            taint = {"key": "dedicated", "value": "x", "effect": "NoSchedule"}
            node["spec"] = {"taints": [taint]}
        cluster.create("nodes", node)
    far = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "far"}}
    cluster.create("namespaces", far)
    for namespace, app, where, labels in (
        ("default", "near", "two", {"tier": "x", "common": "x"}),
        ("far", "near", "one", {}),
        ("default", "other", "one", {"common": "x"}),
    ):
        busy: Object = {"name": "app", "image": "img:1"}
        # A node that a pod would rather not go to, if nothing drew it there.
        busy["resources"] = {"requests": {"cpu": "1500m"}} if where == "one" else {}
        other = pod({"nodeName": where, "containers": [busy]})
        other["metadata"] = {"name": app, "labels": {"app": app} | labels}
        cluster.create("pods", other, namespace)
    cluster.create("pods", pod(deepcopy(spec)), "default")
    cluster.settle()
    found = cluster.api.get("pods", "web", "default")
    shown = [found["spec"].get("nodeName", ""), *cluster.events()]
    shown += [str(c.get("message")) for c in found["status"].get("conditions", [])]
    return shown


def evicted(spec: Object) -> Trace:
    """How long the pod stays on a node that has got taints."""
    if spec.get("schedulingGates"):
        return ["reaches no node"]
    cluster = Cluster("taint-eviction")
    node = node_object("one")
    taint = {"key": "dedicated", "value": "x", "effect": "NoExecute"}
    node["spec"] = {"taints": [taint]}
    cluster.create("nodes", node)
    bound = deepcopy(spec) | {"nodeName": "one"}
    cluster.create("pods", pod(bound), "default")
    shown = []
    for second in range(20):
        cluster.advance(1)
        found = cluster.api.list("pods", "default").items
        alive = [p for p in found if "deletionTimestamp" not in p["metadata"]]
        shown.append(f"{second} {len(alive)}")
    return shown
