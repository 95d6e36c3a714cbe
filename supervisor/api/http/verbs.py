"""Mapping of HTTP requests to operations of the registry.

Runs in worker threads; responses contain encoded JSON.

Follows apiserver/pkg/endpoints/handlers.
"""

import logging
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from supervisor.api import codec
from supervisor.api.http import negotiation, options, representation, resource_versions
from supervisor.api.http.paths import Target
from supervisor.api.http.responses import json_response, to_json
from supervisor.api.registry import Registry, checking, eviction
from supervisor.client.base import DeleteOptions
from supervisor.kinds import scale
from supervisor.kinds.pods import validation
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError, bad_request, invalid_object
from supervisor.model.meta import Object

_log = logging.getLogger(__name__)

_SUCCESS: Object = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {},
    "status": "Success",
    "code": 201,
}


@dataclass(frozen=True)
class Call:
    """A request with its body."""

    method: str
    target: Target
    query: QueryParams
    headers: Headers
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class Verbs:
    """Executes requests for objects."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def respond(self, call: Call) -> Response:
        """Execute a request. Raises ApiError."""
        if call.method != "GET":
            _log.debug(
                "%s %s %s by %s",
                call.method,
                call.target,
                call.query,
                call.headers.get("user-agent", "-"),
            )
        match (call.method, bool(call.target.name), call.target.subresource):
            case ("GET", False, ""):
                return self._list(call)
            case ("GET", True, _):
                return self._get(call)
            case ("POST", True, "binding"):
                return self._bind(call)
            case ("POST", True, "eviction"):
                return self._evict(call)
            case ("POST", False, ""):
                return self._create(call)
            case ("PUT", True, _):
                return self._update(call)
            case ("PATCH", True, _):
                return self._patch(call)
            case ("DELETE", False, ""):
                return self._delete_collection(call)
            case ("DELETE", True, ""):
                return self._delete(call)
        raise not_allowed()

    # -- reading

    def _get(self, call: Call) -> Response:
        target = call.target
        found = self._registry.get(
            target.resource.identity.resource,
            target.name,
            target.namespace,
            subresource=target.subresource,
        )
        return self._object(call, found)

    def _list(self, call: Call) -> Response:
        accepted = negotiation.negotiate(call.headers.get("accept", ""))
        query = call.query
        resource_versions.check_list(query)
        found = self._registry.list(
            call.target.resource.identity.resource,
            call.target.namespace,
            labels=query.get("labelSelector", ""),
            fields=query.get("fieldSelector", ""),
            limit=options.number(query, "limit") or 0,
            continue_token=query.get("continue", ""),
        )
        resource_versions.check_found(query, found.resource_version)
        shown = representation.of_list(
            call.target.served,
            found,
            accepted,
            now=self._clock.now(),
            include_object=query.get("includeObject", ""),
        )
        plural = call.target.resource.identity.plural
        warnings = [
            f"{plural} {f'{space}/{name}'.lstrip('/')} is damaged in the store and "
            "omitted from this list"
            for space, name in sorted(found.unreadable)
            if call.target.namespace in ("", space)
        ]
        return json_response(to_json(shown), warnings=warnings)

    # -- writing

    def _create(self, call: Call) -> Response:
        target = call.target
        if target.resource.identity.namespaced and not target.namespace:
            raise not_allowed()
        write_options = options.write(call.query)
        decoded = codec.decode(call.body, call.content_type)
        created = self._registry.create(
            target.resource.identity.resource,
            decoded.obj,
            target.namespace,
            write_options,
            duplicates=decoded.duplicates,
            api_version=target.served.api_version,
        )
        return self._object(call, created, code=201, warnings=write_options.warnings)

    def _update(self, call: Call) -> Response:
        target = call.target
        write_options = options.write(call.query)
        decoded = codec.decode(call.body, call.content_type)
        updated = self._registry.update(
            target.resource.identity.resource,
            _named(decoded.obj, target),
            subresource=target.subresource,
            options=write_options,
            duplicates=decoded.duplicates,
            api_version=target.served.api_version,
        )
        return self._object(call, updated, warnings=write_options.warnings)

    def _patch(self, call: Call) -> Response:
        target = call.target
        write_options = options.write(call.query)
        kind, patch = codec.decode_patch(call.body, call.content_type)
        patched = self._registry.patch(
            target.resource.identity.resource,
            target.name,
            target.namespace,
            patch,
            kind,
            subresource=target.subresource,
            options=write_options,
            api_version=target.served.api_version,
        )
        return self._object(call, patched, warnings=write_options.warnings)

    def _delete(self, call: Call) -> Response:
        target = call.target
        answer = self._registry.delete(
            target.resource.identity.resource,
            target.name,
            target.namespace,
            _delete_options(call),
        )
        if answer.get("kind") == "Status":
            return json_response(to_json(answer))
        return self._object(call, answer)

    def _delete_collection(self, call: Call) -> Response:
        target = call.target
        if target.resource.identity.namespaced and not target.namespace:
            raise not_allowed()
        deleted = self._registry.delete_collection(
            target.resource.identity.resource,
            target.namespace,
            labels=call.query.get("labelSelector", ""),
            fields=call.query.get("fieldSelector", ""),
            options=_delete_options(call),
        )
        shown = representation.of_list(
            target.served,
            deleted,
            negotiation.Representation(),
            now=self._clock.now(),
            include_object="",
        )
        return json_response(to_json(shown))

    # -- pods

    def _bind(self, call: Call) -> Response:
        body = codec.decode(call.body, call.content_type).obj
        binding = checking.read_subresource_body("v1", "Binding", body)
        wrong = validation.check_binding(binding)
        if wrong:
            raise invalid_object("Binding", call.target.name, wrong)
        self._registry.bind(
            call.target.name,
            call.target.namespace,
            str(binding["target"]["name"]),
            dry_run=options.write(call.query).dry_run,
        )
        return json_response(to_json(_SUCCESS), 201)

    def _evict(self, call: Call) -> Response:
        body = codec.decode(call.body, call.content_type).obj
        inner = eviction.delete_options(body, call.target.name)
        write_options = options.delete(call.query, inner)
        self._registry.evict(call.target.name, call.target.namespace, write_options)
        return json_response(to_json(_SUCCESS), 201)

    # -- responses

    def _object(
        self,
        call: Call,
        obj: Object,
        *,
        code: int = 200,
        warnings: list[str] | None = None,
    ) -> Response:
        accepted = negotiation.negotiate(call.headers.get("accept", ""))
        # A Scale has its own columns; reviews and Statuses are never converted.
        if obj.get("kind") in (call.target.resource.identity.kind, scale.KIND):
            obj = representation.of_object(
                call.target.served,
                obj,
                accepted,
                now=self._clock.now(),
                include_object=call.query.get("includeObject", ""),
            )
        return json_response(to_json(obj), code, warnings=warnings or ())


def _named(body: Object, target: Target) -> Object:
    """`body` with name and namespace of the path. Raises ApiError 400 if different."""
    meta: Any = body.get("metadata")
    if meta is None:
        meta = {}
    if not isinstance(meta, dict):
        raise bad_request("metadata must be an object")
    expected = {"name": target.name, "namespace": target.namespace}
    for key, value in expected.items():
        found = meta.get(key) or value
        if found != value:
            raise bad_request(
                f"the {key} of the object ({found}) does not match the {key} on the "
                f"URL ({value})"
            )
    return body | {"metadata": meta | {k: v for k, v in expected.items() if v}}


def _delete_options(call: Call) -> DeleteOptions:
    body: Object = {}
    if call.body.strip():
        decoded = codec.decode(call.body, call.content_type).obj
        body = checking.read_subresource_body("v1", "DeleteOptions", decoded)
    return options.delete(call.query, body)


def not_allowed() -> ApiError:
    """A 405."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message)
