"""Health endpoints: /livez, /readyz and /healthz, and /NAME for single checks.

Rules
- `?verbose` lists all checks, one per line, in upstream's format; so does a failure.
- `?exclude=NAME` (repeatable) skips a check; `/readyz/NAME` runs a single one.
- No token is required: reasons must not contain names of objects.

Follows apiserver/pkg/server/healthz/healthz.go, including status 500 for failures:
`kubectl get --raw` does not show the body of a 503. Differs from Kubernetes: a failure
includes its reason instead of withholding it.
"""

import asyncio
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_FAILED = 500
Check = Callable[[], str]
"""Returns why a part is unhealthy, or "" if it is healthy. May block."""


def routes(live: Mapping[str, Check], ready: Mapping[str, Check]) -> list[Route]:
    """`live` are the checks of all endpoints, `ready` further ones of /readyz."""
    ping: Mapping[str, Check] = {"ping": lambda: ""}
    handlers = {
        "livez": _Health("livez", {**ping, **live}),
        "readyz": _Health("readyz", {**ping, **live, **ready}),
        "healthz": _Health("healthz", {**ping, **live}),
    }
    return [
        Route(f"/{name}{end}", handler.answer, methods=["GET"])
        for name, handler in handlers.items()
        for end in ("", "/", "/{check:path}")
    ]


class _Health:
    def __init__(self, name: str, checks: Mapping[str, Check]) -> None:
        self._name = name
        self._checks = checks

    async def answer(self, request: Request) -> Response:
        name = request.path_params.get("check", "").strip("/")
        if name:
            return await self._single(name)
        excluded = request.query_params.getlist("exclude")
        chosen = [name for name in self._checks if name not in excluded]
        failures = {name: await self._run(name) for name in chosen}
        unknown = sorted(set(excluded) - set(self._checks))
        lines = [_line(name, failures.get(name)) for name in self._checks]
        if unknown:
            named = ", ".join(f'"{name}"' for name in unknown)
            lines.append(
                f"warn: some health checks cannot be excluded: no matches for {named}"
            )
        if any(failures.values()):
            lines.append(f"{self._name} check failed")
            return PlainTextResponse("\n".join(lines) + "\n", _FAILED)
        if "verbose" not in request.query_params:
            return PlainTextResponse("ok")
        lines.append(f"{self._name} check passed")
        return PlainTextResponse("\n".join(lines) + "\n")

    async def _single(self, name: str) -> Response:
        if name not in self._checks:
            return PlainTextResponse("404 page not found\n", 404)
        if failure := await self._run(name):
            return PlainTextResponse(f"internal server error: {failure}\n", _FAILED)
        return PlainTextResponse("ok")

    async def _run(self, name: str) -> str:
        return await asyncio.to_thread(self._checks[name])


def _line(name: str, failure: str | None) -> str:
    if failure is None:
        return f"[+]{name} excluded: ok"
    return f"[-]{name} failed: {failure}" if failure else f"[+]{name} ok"
