"""Our daemon over the engines of a lab, as nodes n1, n2, … over TLS."""

from pathlib import Path
from typing import Any

import yaml

from benchmarks.rival import APP, IMAGE, SCRIPT, Engines, await_that
from supervisor.runtime.base import CONTAINER_NAME
from tests.checks import controller_manifest
from tests.daemon import CLUSTER, Daemon
from tests.lab import Endpoint, Lab

FAST = Path(__file__).parent.parent / "configs" / "supervisor-fast.yaml"
_READY_SECONDS = 60
_CONTAINER = "main"
_CONTROLLERS = "replicationcontrollers"


class Ours:
    def __init__(
        self, lab: Lab, engines: Engines, folder: Path, config: Path | None = None
    ) -> None:
        """With the defaults, or with what the file says."""
        kind = config.stem.removeprefix("supervisor-") if config else "default"
        self.name = f"ours, {kind}"
        settings = yaml.safe_load(config.read_text()) if config else {}
        nodes = [_node(endpoint) for endpoint in lab.endpoints()]
        self.daemon = Daemon(folder, settings | {"nodes": nodes})
        self._engines = engines
        self.nodes = len(nodes)
        self._created = False

    def open(self) -> None:
        self.daemon.start()
        await_that(self._all_ready, _READY_SECONDS, "all our nodes are ready")

    def _all_ready(self) -> bool:
        nodes = self.daemon.client.list("nodes").items
        ready = [node for node in nodes if _is_ready(node)]
        return len(ready) == len(self._engines.clients)

    def scale(self, replicas: int) -> None:
        client = self.daemon.client
        if self._created:
            patch = {"spec": {"replicas": replicas}}
            client.patch(_CONTROLLERS, APP, "default", patch)
            return
        container = {"name": _CONTAINER, "image": IMAGE, "command": SCRIPT}
        container["imagePullPolicy"] = "IfNotPresent"
        body = controller_manifest(APP, replicas, container)
        client.create(_CONTROLLERS, body, "default")
        self._created = True

    def _mine(self) -> str:
        return f"{CLUSTER}={self.daemon.cluster}"

    def labels(self) -> list[str]:
        """Of the containers, not of the sandboxes."""
        return [self._mine(), f"{CONTAINER_NAME}={_CONTAINER}"]

    def close(self) -> None:
        self.daemon.close()
        self._engines.remove(self._mine())


def _node(endpoint: Endpoint) -> dict[str, Any]:
    assert endpoint.identity is not None, "the lab has TLS"
    tls = {
        "caFile": str(endpoint.identity.ca),
        "certFile": str(endpoint.identity.certificate),
        "keyFile": str(endpoint.identity.key),
    }
    name = endpoint.name.replace("node", "n")
    return {"name": name, "engine": endpoint.url, "tls": tls}


def _is_ready(node: dict[str, Any]) -> bool:
    rows = (node.get("status") or {}).get("conditions") or []
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in rows)
    return ready and not (node.get("spec") or {}).get("taints")
