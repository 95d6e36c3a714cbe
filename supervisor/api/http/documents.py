"""What does not change while the daemon runs: discovery, version, OpenAPI.

Paths end with or without a slash, since clients differ in that.

Follows apiserver/pkg/server/routes.
"""

import platform
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from supervisor import __version__
from supervisor.api import discovery, scheme
from supervisor.api.http import answers, negotiation
from supervisor.model.meta import Object

_MAJOR, _MINOR = "1", "32"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

Handler = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    return [
        *_at("/version", _version),
        *_at("/api", _core),
        *_at("/apis", _groups),
        *_at("/apis/{group}", _group),
        *_at("/api/{version}", _core_resources),
        *_at("/apis/{group}/{version}", _resources),
    ]


def _at(path: str, handler: Handler) -> list[Route]:
    return [Route(path + end, handler, methods=["GET"]) for end in ("", "/")]


def version() -> Object:
    """The Kubernetes release whose API this is; ours stands behind the plus."""
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
    return answers.json_answer(answers.to_json(version()))


async def _core(request: Request) -> Response:
    return _discovery(request, discovery.core_versions(), core=True)


async def _groups(request: Request) -> Response:
    return _discovery(request, discovery.group_list(), core=False)


def _discovery(request: Request, legacy: Object, *, core: bool) -> Response:
    asked = negotiation.discovery_version(request.headers.get("accept", ""))
    if not asked:
        return answers.document(request, answers.to_json(legacy), vary="accept")
    content = answers.to_json(discovery.aggregated(asked, core=core))
    media_type = discovery.aggregated_type(asked)
    return answers.document(request, content, media_type, vary="accept")


async def _group(request: Request) -> Response:
    return _found(request, discovery.group(request.path_params["group"]))


async def _core_resources(request: Request) -> Response:
    version = request.path_params["version"]
    return _found(request, discovery.resource_list("", version))


async def _resources(request: Request) -> Response:
    group, version = request.path_params["group"], request.path_params["version"]
    return _found(request, discovery.resource_list(group, version) if group else None)


def _found(request: Request, content: Object | None) -> Response:
    if content is None:
        raise scheme.unknown_path()
    return answers.document(request, answers.to_json(content))
