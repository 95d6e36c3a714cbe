"""Parsing of query parameters; errors name the parameter.

Rules
- Unknown parameters are ignored, as upstream does.
- Booleans are true for `true`, `1`, `t` or an empty value, false for `false`, `0`, `f`.
- Options of a deletion may be in the body or in the query; the body has precedence.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams

from supervisor.client.base import DeleteOptions, WriteOptions
from supervisor.model.errors import (
    ApiError,
    FieldError,
    bad_request,
    invalid,
    invalid_object,
    unsupported,
)
from supervisor.model.meta import Object

_FIELD_VALIDATIONS = ("Ignore", "Strict", "Warn")
_MAX_MANAGER_LENGTH = 128
_MAX_INT64 = 2**63 - 1
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}\Z", re.ASCII)
_MAX_WATCH_SECONDS = 30 * 24 * 3600


def flag(query: QueryParams, name: str) -> bool:
    """A boolean; false if absent. Raises ApiError 400."""
    if name not in query:
        return False
    match query[name].lower():
        case "" | "1" | "true" | "t":
            return True
        case "0" | "false" | "f":
            return False
    raise _unreadable(name, query[name], "must be true or false")


def number(query: QueryParams, name: str, *, minimum: int = 0) -> int | None:
    """A 64-bit integer; None if absent or empty. Raises ApiError 400."""
    text = query.get(name, "")
    if not text:
        return None
    if not _INTEGER.match(text):
        raise _unreadable(name, text, "must be an integer")
    value = int(text)
    if not -_MAX_INT64 - 1 <= value <= _MAX_INT64:
        raise _unreadable(name, text, "must fit into 64 bits")
    if value < minimum:
        detail = f"must be greater than or equal to {minimum}"
        raise _unreadable(name, text, detail)
    return value


def timeout(query: QueryParams) -> float | None:
    """Maximum duration of a watch in seconds; None means no limit."""
    seconds = number(query, "timeoutSeconds")
    return min(seconds, _MAX_WATCH_SECONDS) if seconds else None


def write(query: QueryParams) -> WriteOptions:
    """Options of a create, update or patch. Raises ApiError 400 or 422."""
    wrong: list[FieldError] = []
    validation = query.get("fieldValidation", "") or "Warn"
    if validation not in _FIELD_VALIDATIONS:
        wrong.append(unsupported("fieldValidation", validation, _FIELD_VALIDATIONS))
    manager = query.get("fieldManager", "")
    if len(manager) > _MAX_MANAGER_LENGTH or not manager.isprintable():
        detail = f"must be at most {_MAX_MANAGER_LENGTH} printable characters"
        wrong.append(invalid("fieldManager", manager, detail))
    dry_run = _dry_run(query.getlist("dryRun"), wrong)
    if wrong:
        raise invalid_object("Options.meta.k8s.io", "", wrong)
    return WriteOptions(
        field_validation=validation,
        field_manager=manager,
        dry_run=dry_run,
        force=flag(query, "force"),
    )


def delete(query: QueryParams, body: Object) -> DeleteOptions:
    """Options of a deletion. Raises ApiError 400 or 422."""
    kind = body.get("kind")
    if kind not in (None, "DeleteOptions"):
        raise bad_request(f"the body of a deletion must be DeleteOptions, not a {kind}")
    wrong: list[FieldError] = []
    asked = body.get("dryRun") or query.getlist("dryRun")
    dry_run = _dry_run(asked if isinstance(asked, list) else [asked], wrong)
    if wrong:
        raise invalid_object("DeleteOptions.meta.k8s.io", "", wrong)
    grace = body.get("gracePeriodSeconds")
    if grace is None:
        grace = number(query, "gracePeriodSeconds", minimum=-(2**63))
    preconditions = body.get("preconditions") or {}
    if not isinstance(preconditions, Mapping):
        raise bad_request("preconditions of DeleteOptions must be an object")
    return DeleteOptions(
        grace_period_seconds=grace,
        propagation_policy=_policy(query, body),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run=dry_run,
    )


def _policy(query: QueryParams, body: Object) -> str | None:
    policy = body.get("propagationPolicy") or query.get("propagationPolicy")
    if policy:
        return str(policy)
    orphan = body.get("orphanDependents")
    if orphan is None and "orphanDependents" in query:
        orphan = flag(query, "orphanDependents")
    if orphan is None:
        return None
    return "Orphan" if orphan else "Background"


def _dry_run(values: list[Any], wrong: list[FieldError]) -> bool:
    values = [v for v in values if v != ""]
    wrong += [unsupported("dryRun", v, ("All",)) for v in values if v != "All"]
    return bool(values)


def _unreadable(name: str, text: str, detail: str) -> ApiError:
    return bad_request(f'Invalid value: "{text}": query parameter {name} {detail}')
