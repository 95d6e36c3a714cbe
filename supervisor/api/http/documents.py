"""Static documents: discovery, version, OpenAPI.

Rules
- Paths match with and without a final slash, since clients differ.
- OpenAPI documents are generated on first use, in a worker thread, and cached.

Follows apiserver/pkg/server/routes.
"""

import asyncio
import platform
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from supervisor import __version__
from supervisor.api import discovery, openapi
from supervisor.api.http import negotiation, responses
from supervisor.kinds.catalog import Catalog
from supervisor.model import schema
from supervisor.model.errors import ApiError, unknown_path
from supervisor.model.meta import Object

_MAJOR, _MINOR = "1", "32"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

_V2_ACCEPT = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
#: In responses: Go clients cannot parse a media type with an `@`.
_V2_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_CACHE_FOREVER = "public, max-age=31536000, immutable"

Handler = Callable[[Request], Awaitable[Response]]


def routes(catalog: Catalog) -> list[Route]:
    found = _Discovery(catalog)
    return [
        *_at("/version", _version),
        *_at("/api", found.core),
        *_at("/apis", found.groups),
        *_at("/apis/{group}", found.group),
        *_at("/api/{version}", found.core_resources),
        *_at("/apis/{group}/{version}", found.resources),
        *_OpenApi(catalog).routes(),
    ]


def _at(path: str, handler: Handler) -> list[Route]:
    return [Route(path + end, handler, methods=["GET"]) for end in ("", "/")]


def version() -> Object:
    """The Kubernetes release of the API, with our version after the plus."""
    machine = platform.machine()
    return {
        "major": _MAJOR,
        "minor": _MINOR,
        "gitVersion": f"v{_MAJOR}.{_MINOR}.0+supervisor-{__version__}",
        "gitCommit": "",
        "gitTreeState": "archive",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": f"CPython {platform.python_version()}",
        "platform": f"linux/{_ARCHITECTURES.get(machine, machine)}",
    }


async def _version(request: Request) -> Response:
    return responses.json_response(responses.to_json(version()))


class _Discovery:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def core(self, request: Request) -> Response:
        legacy = discovery.core_versions(self._catalog)
        return self._answer(request, legacy, core=True)

    async def groups(self, request: Request) -> Response:
        legacy = discovery.group_list(self._catalog)
        return self._answer(request, legacy, core=False)

    def _answer(self, request: Request, legacy: Object, *, core: bool) -> Response:
        requested = negotiation.discovery_version(request.headers.get("accept", ""))
        if not requested:
            return responses.document(request, responses.to_json(legacy), vary="accept")
        found = discovery.aggregated(self._catalog, requested, core=core)
        media_type = discovery.aggregated_type(requested)
        content = responses.to_json(found)
        return responses.document(request, content, media_type, vary="accept")

    async def group(self, request: Request) -> Response:
        name = request.path_params["group"]
        return _found(request, discovery.group(self._catalog, name))

    async def core_resources(self, request: Request) -> Response:
        version = request.path_params["version"]
        return _found(request, discovery.resource_list(self._catalog, "", version))

    async def resources(self, request: Request) -> Response:
        group, version = request.path_params["group"], request.path_params["version"]
        if not group:
            raise unknown_path()
        return _found(request, discovery.resource_list(self._catalog, group, version))


def _found(request: Request, content: Object | None) -> Response:
    if content is None:
        raise unknown_path()
    return responses.document(request, responses.to_json(content))


class _OpenApi:
    def __init__(self, catalog: Catalog) -> None:
        described = [
            openapi.Resource(
                s.api_version,
                s.resource.identity.kind,
                s.resource.identity.plural,
                s.resource.identity.namespaced,
                s.resource.verbs,
            )
            for s in catalog.served
            if schema.lookup(s.api_version, s.resource.identity.kind) is not None
        ]
        self._document = openapi.Document(described, str(version()["gitVersion"]))

    def routes(self) -> list[Route]:
        return [
            *_at("/openapi/v2", self._v2),
            *_at("/openapi/v3", self._index),
            Route("/openapi/v3/{path:path}", self._v3, methods=["GET"]),
        ]

    async def _index(self, request: Request) -> Response:
        index = await asyncio.to_thread(self._document.v3_index)
        return responses.document(request, responses.to_json(index))

    async def _v3(self, request: Request) -> Response:
        path = request.path_params["path"].strip("/")
        content = await asyncio.to_thread(self._document.v3_document, path)
        answer = responses.document(request, content)
        # A URL with the hash of the content is immutable.
        if request.query_params.get("hash") == self._document.v3_etag(path):
            answer.headers["cache-control"] = _CACHE_FOREVER
        return answer

    async def _v2(self, request: Request) -> Response:
        accepted = request.headers.get("accept", "*/*")
        if not any(known in accepted for known in (_V2_ACCEPT, _V2_TYPE, "*/*")):
            message = f"only the following media types are accepted: {_V2_ACCEPT}"
            raise ApiError(406, "NotAcceptable", message)
        content = await asyncio.to_thread(self._document.v2_protobuf)
        return responses.document(request, content, _V2_TYPE)
