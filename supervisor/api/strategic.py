"""Strategic merge patch: a merge patch that merges lists by keys from the schema.

Rules
- Neither the object nor the patch is modified; the result shares no data with them.
- How a list is merged depends on its field's schema. Unknown fields are merged as plain
  JSON: maps by key, lists replaced.
- Directives (`$patch`, `$retainKeys`, …) never appear in the result.

The directives, as kubectl sends them:

    $patch: replace | delete | merge     in a map, or in an element of a list
    $setElementOrder/LIST: [...]         the order of LIST's elements
    $deleteFromPrimitiveList/LIST: [...] scalars to remove from LIST
    $retainKeys: [...]                   the only keys to retain in a map

Follows apimachinery/pkg/util/strategicpatch/patch.go.
"""

import copy
from collections.abc import Callable
from typing import Any

import msgspec

from supervisor.model.errors import ApiError, bad_request
from supervisor.model.meta import Object
from supervisor.model.schema import Field, Shape, TypeSchema

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def merge(current: Object, patch: Object, type_: TypeSchema) -> Object:
    """`current` with `patch` merged in. Raises ApiError 400 or 422."""
    merged = _merge_map(current, patch, type_, item=None)
    return copy.deepcopy(merged)


def _merge_map(
    current: Object,
    patch: Object,
    type_: TypeSchema | None,
    item: Shape | None,
) -> Object:
    """Merge a map of type `type_`, or whose values all have the shape `item`."""
    match patch.get(_DIRECTIVE, "merge"):
        case "merge":
            pass
        case "replace":
            rest = {k: v for k, v in patch.items() if k != _DIRECTIVE}
            return _merge_map({}, rest, type_, item)
        case "delete":
            return {}
        case other:
            raise _bad_patch_type(other)
    merged = _retained(current, patch)
    for name in _names(patch):
        known = type_.fields.get(name) if type_ else None
        shape = known.shape if known else item
        if name in patch and patch[name] is None:
            merged.pop(name, None)
        elif _is_list(name, patch, merged):
            merged[name] = _merge_list(name, merged.get(name), patch, known)
        elif name in patch:
            merged[name] = _merge_value(merged.get(name), patch[name], shape)
    return merged


def _names(patch: Object) -> dict[str, None]:
    """The names of fields in a patch, including those only in directives."""
    names: dict[str, None] = {}
    for key in patch:
        for prefix in (_ORDER, _DELETE):
            key = key.removeprefix(prefix)
        if key not in (_DIRECTIVE, _RETAIN):
            names[key] = None
    return names


def _is_list(name: str, patch: Object, merged: Object) -> bool:
    if name in patch:
        return isinstance(patch[name], list)
    return isinstance(merged.get(name), list)


def _merge_value(current: Any, patch: Any, shape: Shape | None) -> Any:
    if not isinstance(patch, dict):
        return patch
    base = current if isinstance(current, dict) else {}
    target = shape.target if shape else None
    return _merge_map(base, patch, target, shape.item if shape else None)


def _retained(current: Object, patch: Object) -> Object:
    """A shallow copy of `current`, with only the keys of $retainKeys if given."""
    if _RETAIN not in patch:
        return dict(current)
    keep = patch[_RETAIN]
    if not isinstance(keep, list) or not all(isinstance(k, str) for k in keep):
        raise bad_request(f"invalid patch format of {_RETAIN}: must be a list of keys")
    for key, value in patch.items():
        if value is not None and not key.startswith("$") and key not in keep:
            raise bad_request(
                f"{_RETAIN} directive does not match: {key} is in the patch but not "
                f"in {_RETAIN}"
            )
    return {k: v for k, v in current.items() if k in keep}


# -- lists


def _merge_list(name: str, current: Any, patch: Object, known: Field | None) -> Any:
    """The list `name` after the patch; its directives are siblings in `patch`."""
    base = current if isinstance(current, list) else []
    elements = patch.get(name, [])
    order = _directive(patch, _ORDER, name)
    deletions = _directive(patch, _DELETE, name)
    if known is None or not known.merges:
        if name not in patch:
            raise bad_request(f"the list {name} is replaced as a whole, not merged")
        return [_plain(e, known) for e in elements]
    if known.merge_key:
        return _merge_objects(name, base, elements, order, known)
    return _merge_scalars(name, base, elements, order, deletions)


def _directive(patch: Object, prefix: str, name: str) -> list[Any] | None:
    value = patch.get(prefix + name)
    if value is not None and not isinstance(value, list):
        raise bad_request(f"invalid patch format of {prefix}{name}: must be a list")
    return value


def _plain(element: Any, known: Field | None) -> Any:
    """An element of a replaced list, without directives and nulls."""
    return _merge_value(None, element, known.shape.item if known else None)


def _merge_scalars(
    name: str,
    current: list[Any],
    elements: list[Any],
    order: list[Any] | None,
    deletions: list[Any] | None,
) -> list[Any]:
    if any(isinstance(e, dict | list) for e in [*elements, *(order or ())]):
        raise bad_request(f"invalid patch format of primitive list {name}")
    kept = [e for e in current if e not in (deletions or ())]
    merged = list(dict.fromkeys([*kept, *elements]))
    if order is None:
        return merged
    _check_order(name, elements, order)
    return _ordered(merged, order, before=current, key=lambda e: e)


def _merge_objects(
    name: str,
    current: list[Any],
    elements: list[Any],
    order: list[Any] | None,
    known: Field,
) -> list[Any]:
    def key(element: Any) -> Any:
        return _merge_key(element, known.merge_key, name)

    if any(isinstance(e, dict) and e.get(_DIRECTIVE) == "replace" for e in elements):
        live = [e for e in elements if e.get(_DIRECTIVE) != "replace"]
        return [_plain(e, known) for e in live]
    merged = list(current)
    for element in elements:
        element_key = key(element)
        positions = (i for i, e in enumerate(merged) if key(e) == element_key)
        if element.get(_DIRECTIVE) == "delete":
            merged = [e for e in merged if key(e) != element_key]
        elif (at := next(positions, None)) is None:
            merged.append(_plain(element, known))
        else:
            merged[at] = _merge_value(merged[at], element, known.shape.item)
    if order is None:
        return merged
    named = [key(e) for e in order]
    live = [e for e in elements if e.get(_DIRECTIVE) != "delete"]
    _check_order(name, [key(e) for e in live], named)
    return _ordered(merged, named, before=[key(e) for e in current], key=key)


def _merge_key(element: Any, key: str, name: str) -> Any:
    shown = msgspec.json.encode(element).decode()
    if not isinstance(element, dict) or key not in element:
        raise bad_request(
            f"map: {shown} does not contain declared merge key: {key} (in {name})"
        )
    if isinstance(element[key], dict | list):
        raise bad_request(f"map: {shown}: merge key {key} is not a scalar (in {name})")
    return element[key]


def _check_order(name: str, patched: list[Any], order: list[Any]) -> None:
    """Raises ApiError 400 unless `order` contains all of `patched` in their order."""
    rank = {value: index for index, value in enumerate(order)}
    ranks = [rank.get(value, -1) for value in patched]
    if -1 in ranks or ranks != sorted(ranks):
        raise bad_request(
            f"The order in patch list:\n{patched}\n doesn't match "
            f"{_ORDER}{name} list:\n{order}\n"
        )


def _ordered(
    merged: list[Any],
    order: list[Any],
    *,
    before: list[Any],
    key: Callable[[Any], Any],
) -> list[Any]:
    """`merged` sorted by `order`; other elements keep their position in `before`."""
    rank = {value: index for index, value in enumerate(order)}
    old = {value: index for index, value in reversed(list(enumerate(before)))}
    named = [e for e in merged if key(e) in rank]
    named.sort(key=lambda e: rank[key(e)])
    others = [e for e in merged if key(e) not in rank]
    others.sort(key=lambda e: old.get(key(e), len(old)))
    result: list[Any] = []
    while named and others:
        at_named, at_other = old.get(key(named[0])), old.get(key(others[0]))
        is_other_next = (
            at_named is not None and at_other is not None and at_other < at_named
        )
        result.append((others if is_other_next else named).pop(0))
    return result + named + others


def _bad_patch_type(found: Any) -> ApiError:
    shown = msgspec.json.encode(found).decode()
    return ApiError(
        422,
        "Invalid",
        f"invalid patch type: {_DIRECTIVE} is {shown}, must be delete, merge, replace",
    )
