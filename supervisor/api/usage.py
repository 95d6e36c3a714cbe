"""Usage of nodes and pods: /apis/metrics.k8s.io/v1beta1.

Rules
- Usage is measured when it is asked for, on the nodes of the pods in question, in
  parallel; an answer takes about two seconds. Nothing is measured otherwise.
- Nodes that do not answer are left out of lists, as are pods that do not run.

Follows pkg/api/{node,pod}.go of kubernetes-sigs/metrics-server.
"""

from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from supervisor.api.http import negotiation, paths, representation
from supervisor.api.http.responses import json_response, to_json
from supervisor.api.http.verbs import not_allowed
from supervisor.api.node_queries import query
from supervisor.api.streams.workers import Worker
from supervisor.client.base import Client, ObjectList
from supervisor.client.node import NodeDirectory
from supervisor.kinds import metrics
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import NODE, NODE_METRICS, POD, POD_METRICS
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError, not_found, unknown_path
from supervisor.model.meta import Object

_PATH = f"/apis/{POD_METRICS.api_version}/{{path:path}}"


def routes(
    client: Client, catalog: Catalog, nodes: NodeDirectory, clock: Clock
) -> list[Route]:
    measurer = Measurer(client, nodes, clock.now)
    return [Route(_PATH, _Metrics(measurer, catalog, clock), methods=None)]


class _Metrics:
    def __init__(self, measurer: "Measurer", catalog: Catalog, clock: Clock) -> None:
        self._measurer = measurer
        self._catalog = catalog
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        target = paths.parse(scope["path"], self._catalog)
        if target is None:
            raise unknown_path()
        if request.method != "GET" or request.query_params.get("watch"):
            raise not_allowed()
        with Worker("metrics") as worker:
            content = await worker.run(self._answer, request, target)
        await json_response(to_json(content))(scope, receive, send)

    def _answer(self, request: Request, target: paths.Target) -> Object:
        options = request.query_params
        accepted = negotiation.negotiate(request.headers.get("accept", ""))
        now, include = self._clock.now(), options.get("includeObject", "")
        identity = target.resource.identity
        of_nodes = identity == NODE_METRICS
        if target.name:
            found = (
                self._measurer.node(target.name)
                if of_nodes
                else self._measurer.pod(target.name, target.namespace)
            )
            return representation.of_object(
                target.served, found, accepted, now=now, include_object=include
            )
        labels = options.get("labelSelector", "")
        fields = options.get("fieldSelector", "")
        items = (
            self._measurer.nodes(labels, fields)
            if of_nodes
            else self._measurer.pods(target.namespace, labels, fields)
        )
        return representation.of_list(
            target.served,
            ObjectList(items, ""),
            accepted,
            now=now,
            include_object=include,
        )


class Measurer:
    """Metrics of nodes and pods, sorted by name. All methods raise ApiError."""

    def __init__(
        self, client: Client, nodes: NodeDirectory, now: Callable[[], float]
    ) -> None:
        self._client = client
        self._nodes = nodes
        self._now = now

    def node(self, name: str) -> Object:
        found = self._of_nodes([self._client.get(NODE.resource, name)])
        if not found:
            raise not_found(_singular(NODE_METRICS.kind, NODE_METRICS.group), name)
        return found[0]

    def nodes(self, labels: str, fields: str) -> list[Object]:
        listed = self._client.list(NODE.resource, labels=labels, fields=fields)
        return self._of_nodes(listed.items)

    def pod(self, name: str, namespace: str) -> Object:
        found = self._of_pods([self._client.get(POD.resource, name, namespace)])
        if not found:
            resource = _singular(POD_METRICS.kind, POD_METRICS.group)
            raise not_found(resource, f"{namespace}/{name}")
        return found[0]

    def pods(self, namespace: str, labels: str, fields: str) -> list[Object]:
        listed = self._client.list(
            POD.resource, namespace, labels=labels, fields=fields
        )
        return self._of_pods(listed.items)

    def _of_nodes(self, nodes: Iterable[Object]) -> list[Object]:
        by_name = {node["metadata"]["name"]: node for node in nodes}
        answers = query(
            self._nodes, list(by_name), lambda _name, node: node.machine_usage()
        )
        return [
            metrics.of_node(by_name[name], usage, self._now())
            for name, usage in answers.items()
            if not isinstance(usage, ApiError)
        ]

    def _of_pods(self, pods: Iterable[Object]) -> list[Object]:
        found = list(pods)
        uids: dict[str, list[str]] = {}
        for pod in found:
            if node := (pod.get("spec") or {}).get("nodeName"):
                uids.setdefault(node, []).append(pod["metadata"]["uid"])
        answers = query(
            self._nodes, list(uids), lambda name, node: node.pod_usage(uids[name])
        )
        usage = {
            uid: containers
            for answer in answers.values()
            if not isinstance(answer, ApiError)
            for uid, containers in answer.items()
        }
        return [
            metrics.of_pod(pod, usage[pod["metadata"]["uid"]], self._now())
            for pod in found
            if pod["metadata"]["uid"] in usage
        ]


def _singular(kind: str, group: str) -> str:
    """The resource in messages of metrics-server, which uses the kind."""
    return f"{kind.lower()}.{group}"
