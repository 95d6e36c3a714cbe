"""The least API that kubectl needs to stream from pods, served over HTTPS.

Pods are read-only and given by the test; the streams are the real ones.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from supervisor.api import streams
from supervisor.api.serving import Server
from supervisor.client.base import Client
from supervisor.model.errors import ApiError, not_found, unauthorized
from supervisor.model.meta import Object
from tests.certificate import self_signed
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

TOKEN = "a-token"
_VERBS = ["create", "get"]
_RESOURCES = ("pods", "pods/log", "pods/exec", "pods/attach", "pods/portforward")


def pod(name: str, *containers: str, node: str = "node-1", **spec: Any) -> Object:
    """A running pod."""
    listed = [{"name": c, "image": "busybox"} for c in containers]
    statuses = [
        {"name": c, "ready": True, "state": {"running": {}}} for c in containers
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}"},
        "spec": {"containers": listed, "nodeName": node} | spec,
        "status": {"phase": "Running", "containerStatuses": statuses},
    }


class Pods:
    """The part of a Client that streams use."""

    def __init__(self, pods: Iterable[Object]) -> None:
        self._pod_by_name = {p["metadata"]["name"]: p for p in pods}

    def get(self, resource: str, name: str, namespace: str = "") -> Object:
        if name not in self._pod_by_name or namespace != "default":
            raise not_found(resource, name)
        return self._pod_by_name[name]


def app(pods: Pods, node: FakeNode, *, max_streams: int = 128) -> ASGIApp:
    """Discovery, pods and their streams, behind a token."""

    async def get_pod(request: Request) -> Response:
        params = request.path_params
        try:
            return JSONResponse(pods.get("pods", params["name"], params["namespace"]))
        except ApiError as error:
            return JSONResponse(error.status(), error.code)

    routes = [
        Route("/api", lambda _: JSONResponse(_VERSIONS)),
        Route("/apis", lambda _: JSONResponse(_GROUPS)),
        Route("/api/v1", lambda _: JSONResponse(_RESOURCE_LIST)),
        Route("/api/v1/namespaces/{namespace}/pods/{name}", get_pod),
        *streams.routes(
            cast(Client, pods),
            FakeNodes(node),
            clock=FakeClock(),
            max_streams=max_streams,
        ),
    ]
    return _Authenticated(Starlette(routes=routes))


class _Authenticated:
    """Lets nothing through without the token; sees only `http` scopes."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        headers = dict(scope["headers"])
        inner = self._inner
        if headers.get(b"authorization") != f"Bearer {TOKEN}".encode():
            inner = JSONResponse(unauthorized().status(), 401)
        await inner(scope, receive, send)


@contextmanager
def serving(application: ASGIApp, folder: Path) -> Iterator[Server]:
    """The application behind TLS on a free port of 127.0.0.1."""
    certificate, key = self_signed(folder)
    server = Server(application, "127.0.0.1", 0, certificate=certificate, key=key)
    server.start()
    try:
        yield server
    finally:
        server.stop(1)


def kubeconfig(server: Server, folder: Path) -> Path:
    """A configuration with which kubectl reaches `server`."""
    url = f"https://127.0.0.1:{server.port}"
    cluster = {"server": url, "insecure-skip-tls-verify": True}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": TOKEN}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


_VERSIONS = {"kind": "APIVersions", "versions": ["v1"]}
_GROUPS = {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}
_RESOURCE_LIST = {
    "kind": "APIResourceList",
    "groupVersion": "v1",
    "resources": [
        {
            "name": name,
            "singularName": "pod" if name == "pods" else "",
            "namespaced": True,
            "kind": "Pod",
            "verbs": _VERBS,
            "shortNames": ["po"] if name == "pods" else [],
        }
        for name in _RESOURCES
    ],
}
