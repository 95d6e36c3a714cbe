"""Objects as a Table, the format that `kubectl get` requests and prints.

Rules
- The object of a row always has kind and apiVersion, which kubectl requires.
- Columns for `-o wide` are always included, with priority 1.
- An object that cannot be read still has a row.

Follows apiserver/pkg/endpoints/handlers/response.go.
"""

from supervisor.kinds.columns import Printer
from supervisor.model.errors import bad_request
from supervisor.model.meta import Object

_META = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}


def render(
    printer: Printer,
    items: list[Object],
    *,
    now: float,
    include_object: str = "Metadata",
    resource_version: str,
    continue_token: str = "",
) -> Object:
    """A Table of `items`; ages are relative to `now`, in seconds since the epoch.

    `include_object` selects what each row contains of its object: Metadata, Object or
    None. Raises ApiError 400 for other values.
    """
    if include_object not in ("", "Metadata", "Object", "None"):
        raise bad_request(f'unrecognized includeObject value: "{include_object}"')
    meta: Object = {"resourceVersion": resource_version}
    if continue_token:
        meta["continue"] = continue_token
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": meta,
        "columnDefinitions": [c.definition() for c in printer.columns],
        "rows": [_row(printer, obj, now, include_object) for obj in items],
    }


def _row(printer: Printer, obj: Object, now: float, include_object: str) -> Object:
    row: Object = {"object": _row_object(obj, include_object)}
    try:
        row["cells"] = printer.cells(obj, now)
        if conditions := printer.conditions(obj):
            row["conditions"] = conditions
    except (TypeError, ValueError, LookupError, AttributeError):
        # Damaged in the store: show a placeholder, and do not fail the whole list.
        unknown = [_placeholder(column.type) for column in printer.columns[1:]]
        row["cells"] = [obj["metadata"]["name"], *unknown]
    return row


def _placeholder(type_: str) -> str | int:
    return 0 if type_ == "integer" else "<unreadable>"


def _row_object(obj: Object, include_object: str) -> Object | None:
    match include_object:
        case "None":
            return None
        case "Object":
            return obj
        case _:
            return {**_META, "metadata": obj.get("metadata") or {}}
