"""Errors of the API, each of which is a Kubernetes Status on the wire.

The words are upstream's, since users search for them.
Follows apimachinery/pkg/api/errors/errors.go and pkg/util/validation/field/errors.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from supervisor.model.meta import Object

_MAX_QUOTED = 2048


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field; `str()` is what the user reads."""

    reason: str
    """FieldValueRequired, …Invalid, …NotSupported, …Duplicate, …Forbidden, …"""
    field: str
    """Path such as `spec.containers[0].name`."""
    message: str
    """`Required value: …`, `Invalid value: "x": …`, …"""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def quoted(value: Any) -> str:
    """A value as upstream shows it in messages: JSON, cut where nobody reads on."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…"


def required(field: str, detail: str = "") -> FieldError:
    return FieldError("FieldValueRequired", field, _join("Required value", detail))


def invalid(field: str, value: Any, detail: str) -> FieldError:
    message = _join(f"Invalid value: {quoted(value)}", detail)
    return FieldError("FieldValueInvalid", field, message)


def invalid_as_a_whole(field: str, detail: str) -> FieldError:
    """A field whose value says nothing to the reader, and is left out."""
    return FieldError("FieldValueInvalid", field, _join("Invalid value", detail))


def unsupported(field: str, value: Any, allowed: Sequence[str]) -> FieldError:
    listed = ", ".join(quoted(v) for v in allowed)
    message = f"Unsupported value: {quoted(value)}: supported values: {listed}"
    return FieldError("FieldValueNotSupported", field, message)


def duplicate(field: str, value: Any) -> FieldError:
    message = f"Duplicate value: {quoted(value)}"
    return FieldError("FieldValueDuplicate", field, message)


def forbidden_field(field: str, detail: str) -> FieldError:
    return FieldError("FieldValueForbidden", field, _join("Forbidden", detail))


def not_found_field(field: str, value: Any) -> FieldError:
    return FieldError("FieldValueNotFound", field, f"Not found: {quoted(value)}")


def too_long(field: str, most: int) -> FieldError:
    detail = f"may not be more than {most} bytes"
    return FieldError("FieldValueTooLong", field, _join("Too long", detail))


def too_many(field: str, given: int, most: int) -> FieldError:
    items = "item" if most == 1 else "items"
    detail = f"{given}: must have at most {most} {items}"
    return FieldError("FieldValueTooMany", field, _join("Too many", detail))


def _join(head: str, detail: str) -> str:
    return f"{head}: {detail}" if detail else head


class ApiError(Exception):
    """A refused request: `code` is the HTTP status, `status()` the answer's body."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Object | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details or {}

    def status(self) -> Object:
        body: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        return body | ({"details": self.details} if self.details else {})

    @classmethod
    def from_status(cls, body: Object, code: int) -> "ApiError":
        """The error that a server answered; tolerates incomplete bodies."""
        return cls(
            int(body.get("code") or code),
            str(body.get("reason") or "Unknown"),
            str(body.get("message") or f"the server answered {code}"),
            details=body.get("details") or {},
        )


def _about(resource: str, name: str) -> Object:
    plural, _, group = resource.partition(".")
    details: Object = {"name": name, "kind": plural}
    return details | ({"group": group} if group else {})


def not_found(resource: str, name: str) -> ApiError:
    """`resource` is the plural, and has its group behind a dot where there is one."""
    message = f'{resource} "{name}" not found'
    return ApiError(404, "NotFound", message, details=_about(resource, name))


def unknown_path() -> ApiError:
    """Nothing is served there, whatever the object.

    The details say so as upstream's do; `kubectl debug` dies where there are none.
    """
    message = "the server could not find the requested resource"
    cause = {"reason": "UnexpectedServerResponse", "message": "404 page not found"}
    return ApiError(404, "NotFound", message, details={"causes": [cause]})


def already_exists(resource: str, name: str) -> ApiError:
    message = f'{resource} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, details=_about(resource, name))


def conflict(resource: str, name: str, detail: str = "") -> ApiError:
    detail = detail or (
        "the object has been modified; please apply your changes to the latest "
        "version and try again"
    )
    message = f'Operation cannot be fulfilled on {resource} "{name}": {detail}'
    return ApiError(409, "Conflict", message, details=_about(resource, name))


def forbidden(resource: str, name: str, detail: str) -> ApiError:
    subject = f'{resource} "{name}"' if name else resource
    message = f"{subject} is forbidden: {detail}"
    return ApiError(403, "Forbidden", message, details=_about(resource, name))


def invalid_object(kind: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """422 with one cause per field error. `kind` is the Kind; group after a dot."""
    texts = [str(e) for e in errors]
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    plain, _, group = kind.partition(".")
    details: Object = {
        "name": name,
        "kind": plain,
        "causes": [
            {"reason": e.reason, "message": e.message, "field": e.field} for e in errors
        ],
    }
    if group:
        details["group"] = group
    message = f'{kind} "{name}" is invalid: {joined}'
    return ApiError(422, "Invalid", message, details=details)


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def expired(message: str) -> ApiError:
    return ApiError(410, "Expired", message)


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def method_not_allowed(verb: str, resource: str) -> ApiError:
    message = f'{verb} is not supported on resources of kind "{resource}"'
    return ApiError(405, "MethodNotAllowed", message)


def is_namespace_terminating(error: ApiError) -> bool:
    """Nothing can be created there any more."""
    causes = error.details.get("causes") or ()
    named = any(cause.get("reason") == "NamespaceTerminating" for cause in causes)
    return error.code == 403 and (named or "it is being terminated" in error.message)


def too_many_requests(message: str, retry_after_seconds: int) -> ApiError:
    details: Object = {"retryAfterSeconds": retry_after_seconds}
    return ApiError(429, "TooManyRequests", message, details=details)


def unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message)


STORAGE_READ_ERROR = "StorageReadError"
"""The reason of an error about an object that is there, and that nobody can read."""


def is_absent_or_unreadable(error: ApiError) -> bool:
    """The object that was asked for is not there, or nobody can read it."""
    return error.code == 404 or error.reason == STORAGE_READ_ERROR


def unreadable(resource: str, name: str, cause: str) -> ApiError:
    """The object is there, and damaged; as upstream's StatusReasonStoreReadError."""
    details = _about(resource, name)
    return ApiError(500, STORAGE_READ_ERROR, cause, details=details)


def internal(message: str) -> ApiError:
    return ApiError(500, "InternalError", f"Internal error occurred: {message}")
