"""Strategic merge patches between two or three states of an object. Pure.

Rules
- Whether a list merges, and by which key, comes from the schema of its field. Lists of
  fields that the schema does not know are replaced as a whole.
- A three-way patch deletes what the user once had applied and now left out, and sets
  what the user wants; what others have set stays.
- A list that merges, but whose elements cannot be told apart by its key, is replaced.
- Inputs are never changed; no difference gives `{}`.

Follows apimachinery/pkg/util/strategicpatch/patch.go.
"""

from dataclasses import dataclass
from typing import Any

from supervisor.model.meta import Object
from supervisor.model.schema import Field, Shape, TypeSchema

_REPLACE: Object = {"$patch": "replace"}


def two_way(before: Object, after: Object, type_: TypeSchema | None) -> Object:
    """The patch that turns `before` into `after`; `type_` is that of both."""
    return _diff(before, after, before, _Members(type_))


def three_way(
    original: Object, modified: Object, current: Object, type_: TypeSchema | None
) -> Object:
    """The patch that brings what changed from `original` to `modified` to `current`."""
    return _diff(original, modified, current, _Members(type_))


@dataclass(frozen=True)
class _Members:
    """What is known of the members of a map: by its type, or one shape for all."""

    type: TypeSchema | None = None
    item: Shape | None = None

    def field(self, name: str) -> Field | None:
        return self.type.fields.get(name) if self.type is not None else None

    def of(self, name: str) -> "_Members":
        known = self.field(name)
        return _members(known.shape if known is not None else self.item)


def _members(shape: Shape | None) -> _Members:
    return _Members(shape.target, shape.item) if shape is not None else _Members()


def _diff(old: Object, new: Object, now: Object, members: _Members) -> Object:
    patch: Object = {}
    for key, wanted in new.items():
        if wanted is None:
            if now.get(key) is not None:
                patch[key] = None
            continue
        patch |= _member(key, old.get(key), wanted, now.get(key), members)
    for key in old:
        if key not in new and now.get(key) is not None:
            patch[key] = None
    return patch


def _member(key: str, old: Any, wanted: Any, now: Any, members: _Members) -> Object:
    known = members.field(key)
    if isinstance(wanted, dict) and isinstance(now, dict):
        before = old if isinstance(old, dict) else {}
        inner = _diff(before, wanted, now, members.of(key))
        return {key: _retained(inner, wanted, known)} if inner else {}
    if (
        known is not None
        and known.merges
        and isinstance(wanted, list)
        and isinstance(now, list)
    ):
        return _merged(known, old if isinstance(old, list) else [], wanted, now)
    return {} if _same(wanted, now) else {key: wanted}


def _retained(patch: Object, wanted: Object, known: Field | None) -> Object:
    """Where only one of several members may be set, the patch names those that stay."""
    if known is None or not known.retain_keys:
        return patch
    return {"$retainKeys": sorted(wanted)} | patch


def _merged(known: Field, old: list[Any], wanted: list[Any], now: list[Any]) -> Object:
    if not known.merge_key:
        return _set(known.name, old, wanted, now)
    if _keyed(known.merge_key, wanted, now, old):
        return _merged_list(known, old, wanted, now)
    return {} if _same(wanted, now) else {known.name: [_REPLACE, *wanted]}


def _merged_list(
    known: Field, old: list[Object], wanted: list[Object], now: list[Object]
) -> Object:
    merge_key = known.merge_key
    members = _members(known.shape.item)
    was = {item[merge_key]: item for item in old}
    there = {item[merge_key]: item for item in now}
    patch: list[Object] = []
    for item in wanted:
        name = item[merge_key]
        if name not in there:
            patch.append(item)
            continue
        inner = _diff(was.get(name, {}), item, there[name], members)
        if inner:
            patch.append(_retained({merge_key: name} | inner, item, known))
    names = [item[merge_key] for item in wanted]
    gone = [name for name in was if name not in names and name in there]
    patch += [{"$patch": "delete", merge_key: name} for name in gone]
    kept = [name for name in there if name in names]
    if not patch and kept == [name for name in names if name in there]:
        return {}
    order = [{merge_key: name} for name in names]
    return {f"$setElementOrder/{known.name}": order} | (
        {known.name: patch} if patch else {}
    )


def _set(key: str, old: list[Any], wanted: list[Any], now: list[Any]) -> Object:
    patch: Object = {}
    added = [value for value in wanted if value not in now]
    gone = [value for value in old if value not in wanted and value in now]
    if added:
        patch[key] = added
    if gone:
        patch[f"$deleteFromPrimitiveList/{key}"] = gone
    return patch


def _keyed(merge_key: str, *lists: list[Any]) -> bool:
    """Each element has the key, and none has the same as another."""
    for items in lists:
        if not all(isinstance(i, dict) and merge_key in i for i in items):
            return False
        keys = [item[merge_key] for item in items]
        if any(isinstance(k, dict | list) for k in keys) or len(set(keys)) < len(keys):
            return False
    return True


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)
