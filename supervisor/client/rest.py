"""The API client over HTTPS.

Rules
- An empty namespace of a namespaced resource means all namespaces.
- Items of lists have `kind` and `apiVersion`, even if the server omits them.
- A watch whose resourceVersion is too old raises ApiError 410 during iteration, whether
  the server reports it by status code or by an ERROR event.

Follows kubectl's requests and client-go/rest.
"""

import math
import re
import ssl
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from supervisor.client import kubeconfig
from supervisor.client.base import (
    DeleteOptions,
    ObjectList,
    PatchType,
    WatchEvent,
    WriteOptions,
)
from supervisor.client.connection import Connection, Query, Stream
from supervisor.client.kubeconfig import Access
from supervisor.client.websocket import RemoteExec
from supervisor.kinds.identity import NODE, POD
from supervisor.model.errors import ApiError, not_found
from supervisor.model.meta import Object
from supervisor.model.streams import LogStream

_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")


class RestClient:
    """Implements client.base.Client, plus what the command line needs.

    `ca`, `client_certificate` and `client_key` are PEM. `timeout` is in seconds.
    """

    def __init__(
        self,
        server: str,
        *,
        token: str = "",
        ca: bytes | Path | None = None,
        client_certificate: bytes | None = None,
        client_key: bytes | None = None,
        insecure: bool = False,
        timeout: float = 60.0,
    ) -> None:
        if isinstance(ca, Path):
            ca = ca.read_bytes()
        context = None
        if server.startswith("https:"):
            context = _context(ca, client_certificate, client_key, insecure)
        self.connection = Connection(
            server, token=token, context=context, timeout=timeout
        )
        self._versions: dict[str, str] = {}
        self._lock = threading.Lock()

    # -- client.base.Client

    def get(self, resource: str, name: str, namespace: str = "") -> Object:
        return self.connection.json("GET", self.path(resource, namespace, name))

    def list(
        self,
        resource: str,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ObjectList:
        query = _selection(labels, fields, limit, continue_token)
        body = self.connection.json("GET", self.path(resource, namespace), query=query)
        return _to_list(body)

    def watch(
        self,
        resource: str,
        namespace: str = "",
        *,
        since: str,
        labels: str = "",
        fields: str = "",
        timeout: float | None = None,
        accept: str = "application/json",
    ) -> "RestWatch":
        query = [("watch", "true"), ("allowWatchBookmarks", "true")]
        query += _selection(labels, fields)
        if since:
            query.append(("resourceVersion", since))
        if timeout is not None:
            query.append(("timeoutSeconds", str(max(1, math.ceil(timeout)))))
        path = self.path(resource, namespace)
        return RestWatch(self.connection.stream(path, query, accept), timeout)

    def create(
        self,
        resource: str,
        body: Object,
        namespace: str = "",
        options: WriteOptions | None = None,
    ) -> Object:
        namespace = namespace or _metadata(body).get("namespace") or ""
        path = self.path(resource, namespace)
        return self._write("POST", path, body, options)

    def update(
        self,
        resource: str,
        body: Object,
        *,
        subresource: str = "",
        options: WriteOptions | None = None,
    ) -> Object:
        meta = _metadata(body)
        path = self.path(
            resource, meta.get("namespace") or "", meta.get("name") or "", subresource
        )
        return self._write("PUT", path, body, options)

    def patch(
        self,
        resource: str,
        name: str,
        namespace: str,
        patch: Any,
        kind: PatchType = PatchType.MERGE,
        *,
        subresource: str = "",
        options: WriteOptions | None = None,
    ) -> Object:
        path = self.path(resource, namespace, name, subresource)
        return self._write("PATCH", path, patch, options, kind.value)

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        options: DeleteOptions | None = None,
    ) -> Object:
        path = self.path(resource, namespace, name)
        return self.connection.json("DELETE", path, body=_delete_body(options))

    def delete_collection(
        self,
        resource: str,
        namespace: str,
        *,
        labels: str = "",
        fields: str = "",
        options: DeleteOptions | None = None,
    ) -> ObjectList:
        path = self.path(resource, namespace)
        query = _selection(labels, fields)
        body = _delete_body(options)
        return _to_list(self.connection.json("DELETE", path, query=query, body=body))

    def bind(self, pod: str, namespace: str, node: str) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": pod, "namespace": namespace},
            "target": {**NODE.head, "name": node},
        }
        path = self.path(POD.resource, namespace, pod, "binding")
        self.connection.json("POST", path, body=body)

    def evict(self, pod: str, namespace: str, options: DeleteOptions) -> None:
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": namespace},
            "deleteOptions": _delete_body(options),
        }
        path = self.path(POD.resource, namespace, pod, "eviction")
        self.connection.json("POST", path, body=body)

    # -- for the command line

    def logs(self, pod: str, namespace: str, query: Query) -> LogStream:
        """The log of a container; `query` is that of the subresource `log`."""
        return self.connection.stream(
            self.path(POD.resource, namespace, pod, "log"), query, "*/*"
        )

    def exec(
        self,
        pod: str,
        namespace: str,
        container: str,
        command: Sequence[str],
        *,
        stdin: bool,
        tty: bool,
    ) -> RemoteExec:
        """Run `command` in a container. Raises ApiError if the server rejects it."""
        streams = {"stdin": stdin, "stdout": True, "stderr": not tty, "tty": tty}
        query = [("command", word) for word in command]
        query.append(("container", container))
        query += [(name, "true") for name, wanted in streams.items() if wanted]
        path = self.path(POD.resource, namespace, pod, "exec")
        return RemoteExec(self.connection, path, query)

    def path(
        self, resource: str, namespace: str = "", name: str = "", subresource: str = ""
    ) -> str:
        """The URL path of a collection, an object or a subresource.

        `resource` may name a version: `replicasets.v1beta2.apps`.
        """
        plural, _, group = resource.partition(".")
        version, _, rest = group.partition(".")
        if rest and _VERSION.fullmatch(version):
            group = rest
        elif group:
            version = self._version(resource, group)
        root = f"/apis/{group}/{version}" if group else "/api/v1"
        parts = ["namespaces", namespace] if namespace else []
        parts += [part for part in (plural, name, subresource) if part]
        return "/".join([root, *(quote(part, safe="") for part in parts)])

    def close(self) -> None:
        self.connection.close()

    def _version(self, resource: str, group: str) -> str:
        with self._lock:
            if group not in self._versions:
                groups = self.connection.json("GET", "/apis").get("groups") or []
                self._versions |= {
                    g["name"]: g["preferredVersion"]["version"] for g in groups
                }
            if group not in self._versions:
                message = f'the server has no API group "{group}"'
                raise ApiError(404, "NotFound", message) from not_found(resource, "")
            return self._versions[group]

    def _write(
        self,
        method: str,
        path: str,
        body: Any,
        options: WriteOptions | None,
        content_type: str = "application/json",
    ) -> Object:
        options = options or WriteOptions()
        query = [("fieldValidation", options.field_validation)]
        if options.field_manager:
            query.append(("fieldManager", options.field_manager))
        if options.dry_run:
            query.append(("dryRun", "All"))
        if options.force:
            query.append(("force", "true"))
        return self.connection.json(
            method,
            path,
            query=query,
            body=body,
            content_type=content_type,
            warnings=options.warnings,
        )


class RestWatch:
    """Implements client.base.Watch over a streamed response."""

    def __init__(self, stream: Stream, timeout: float | None) -> None:
        self._stream = stream
        self._timer: threading.Timer | None = None
        if timeout is not None:
            # timeoutSeconds is an integer, and the server may be unreachable.
            self._timer = threading.Timer(timeout, stream.close)
            self._timer.daemon = True
            self._timer.start()

    def __iter__(self) -> Iterator[WatchEvent]:
        try:
            for line in self._stream.lines():
                event = msgspec.json.decode(line)
                if event["type"] == "ERROR" and event["object"].get("code") == 410:
                    raise ApiError.from_status(event["object"], 410)
                yield WatchEvent(event["type"], event["object"])
        finally:
            self.close()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._stream.close()


def from_access(access: Access, *, timeout: float = 60.0) -> RestClient:
    """A client for the server and credentials in `access`."""
    return RestClient(
        access.server,
        token=access.token,
        ca=access.ca,
        client_certificate=access.client_certificate,
        client_key=access.client_key,
        insecure=access.insecure,
        timeout=timeout,
    )


def from_kubeconfig(
    path: Path, context: str = "", *, server: str = "", token: str = ""
) -> RestClient:
    """A client for a context of a kubeconfig file. Raises KubeconfigError.

    `server` and `token`, if given, replace those of the file.
    """
    access = kubeconfig.load(path, context)
    access = replace(access, server=server or access.server)
    return from_access(replace(access, token=token or access.token))


def _context(
    ca: bytes | None, certificate: bytes | None, key: bytes | None, insecure: bool
) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca.decode() if ca else None)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        # The ssl module loads key pairs from files only.
        with tempfile.NamedTemporaryFile() as pair:
            pair.write(certificate + b"\n" + (key or b""))
            pair.flush()
            context.load_cert_chain(pair.name)
    return context


def _metadata(body: Object) -> Object:
    meta = body.get("metadata")
    return meta if isinstance(meta, dict) else {}


def _selection(
    labels: str = "", fields: str = "", limit: int = 0, continue_token: str = ""
) -> list[tuple[str, str]]:
    given = {
        "labelSelector": labels,
        "fieldSelector": fields,
        "limit": str(limit) if limit else "",
        "continue": continue_token,
    }
    return [(key, value) for key, value in given.items() if value]


def _to_list(body: Object) -> ObjectList:
    meta = _metadata(body)
    kind = str(body.get("kind", "")).removesuffix("List")
    given = {"apiVersion": body.get("apiVersion", ""), "kind": kind}
    items = [given | item for item in body.get("items") or []]
    version = meta.get("resourceVersion") or ""
    return ObjectList(items, version, meta.get("continue") or "")


def _delete_body(options: DeleteOptions | None) -> Object:
    options = options or DeleteOptions()
    preconditions = {"uid": options.uid, "resourceVersion": options.resource_version}
    body: Object = {
        "gracePeriodSeconds": options.grace_period_seconds,
        "propagationPolicy": options.propagation_policy,
        "preconditions": {k: v for k, v in preconditions.items() if v} or None,
        "dryRun": ["All"] if options.dry_run else None,
    }
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
    } | {key: value for key, value in body.items() if value is not None}
