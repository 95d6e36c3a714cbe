"""/livez, /readyz and /healthz: one answer for all parts, or for each by its name.

Rules
- `?verbose` lists the checks, one a line, in upstream's form; so does a failure.
- `?exclude=NAME` (repeatable) leaves a check out; `/readyz/NAME` asks for one alone.
- Health is open to everyone: a reason says what is wrong with a part, and names no
  object.

Follows apiserver/pkg/server/healthz/healthz.go, also in the code of a failure: of a
503, `kubectl get --raw` does not show the body. Differs from Kubernetes: a failure
gives its reason instead of withholding it.
"""

import asyncio
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_FAILED = 500
Check = Callable[[], str]
"""Why the part is not well; empty if it is. It may block."""


def routes(live: Mapping[str, Check], ready: Mapping[str, Check]) -> list[Route]:
    """`live` is what /livez asks, `ready` what /readyz and /healthz ask as well."""
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
        wanted = request.path_params.get("check", "").strip("/")
        if wanted:
            return await self._one(wanted)
        excluded = request.query_params.getlist("exclude")
        chosen = [name for name in self._checks if name not in excluded]
        failures = {name: await self._ask(name) for name in chosen}
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

    async def _one(self, name: str) -> Response:
        if name not in self._checks:
            return PlainTextResponse("404 page not found\n", 404)
        if failure := await self._ask(name):
            return PlainTextResponse(f"internal server error: {failure}\n", _FAILED)
        return PlainTextResponse("ok")

    async def _ask(self, name: str) -> str:
        return await asyncio.to_thread(self._checks[name])


def _line(name: str, failure: str | None) -> str:
    if failure is None:
        return f"[+]{name} excluded: ok"
    return f"[-]{name} failed: {failure}" if failure else f"[+]{name} ok"
