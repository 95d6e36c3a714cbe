"""Checks of the parameters resourceVersion and resourceVersionMatch.

Rules
- A list always reads the latest state, which satisfies NotOlderThan. Exact is satisfied
  if nothing has changed since, and is a 410 (Expired) otherwise.
- A version newer than the latest is a 504, after which clients retry.

Follows apimachinery/pkg/apis/meta/internalversion/validation/validation.go and
apiserver/pkg/storage/errors.go.
"""

from starlette.datastructures import QueryParams

from supervisor.api.http import options
from supervisor.model.errors import (
    ApiError,
    FieldError,
    bad_request,
    expired,
    forbidden_field,
    invalid_object,
    unsupported,
)

_MATCH = "resourceVersionMatch"
_MATCHES = ("", "Exact", "NotOlderThan")


def check_list(query: QueryParams) -> None:
    """Raises ApiError 400 or 422 for invalid parameters of a list."""
    wrong: list[FieldError] = []
    match, version = query.get(_MATCH, ""), _version(query)
    if "sendInitialEvents" in query:
        detail = "sendInitialEvents is forbidden for list"
        wrong.append(forbidden_field("sendInitialEvents", detail))
    if match and version is None:
        detail = f"{_MATCH} is forbidden unless resourceVersion is provided"
        wrong.append(forbidden_field(_MATCH, detail))
    if match and query.get("continue"):
        detail = f"{_MATCH} is forbidden when continue is provided"
        wrong.append(forbidden_field(_MATCH, detail))
    if match not in _MATCHES:
        wrong.append(unsupported(_MATCH, match, _MATCHES))
    if match == "Exact" and version == 0:
        detail = f'{_MATCH} "exact" is forbidden for resourceVersion "0"'
        wrong.append(forbidden_field(_MATCH, detail))
    _raise(wrong)
    if version and query.get("continue"):
        raise bad_request(
            "specifying resource version is not allowed when using continue"
        )


def check_watch(query: QueryParams) -> None:
    """Raises ApiError 422 for invalid parameters of a watch."""
    wrong: list[FieldError] = []
    match, initial = query.get(_MATCH, ""), "sendInitialEvents" in query
    if initial and match != "NotOlderThan":
        detail = f"sendInitialEvents requires setting {_MATCH} to NotOlderThan"
        wrong.append(forbidden_field(_MATCH, detail))
    if match and not initial:
        detail = f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided"
        wrong.append(forbidden_field(_MATCH, detail))
    _raise(wrong)


def check_found(query: QueryParams, found: str) -> None:
    """Raises ApiError 410 or 504 if the version `found` does not match the request."""
    version, current = _version(query), int(found)
    if version is None:
        return
    if version > current:
        raise _too_large(version, current)
    if query.get(_MATCH) == "Exact" and version < current:
        raise expired(f"The provided resource version is too old: {version}")


def _version(query: QueryParams) -> int | None:
    return options.number(query, "resourceVersion")


def _raise(wrong: list[FieldError]) -> None:
    if wrong:
        raise invalid_object("ListOptions.meta.k8s.io", "", wrong)


def _too_large(version: int, current: int) -> ApiError:
    cause = {
        "reason": "ResourceVersionTooLarge",
        "message": "Too large resource version",
    }
    return ApiError(
        504,
        "Timeout",
        f"Too large resource version: {version}, current: {current}",
        details={"causes": [cause], "retryAfterSeconds": 1},
    )
