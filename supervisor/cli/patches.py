"""Strategic merge patches between two or three states of an object.

Rules
- Lists with a merge key are compared element by element, the others as a whole.
- A three-way patch deletes what the user once had applied and now left out, and sets
  what the user wants; what others have set stays.
- Inputs are never changed; no difference gives `{}`.

Follows apimachinery/pkg/util/strategicpatch/patch.go.
"""

from typing import Any

from supervisor.model.meta import Object

#: Merge keys of lists, by the list's own name. `ports` differs by its place.
_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "topologySpreadConstraints": "topologyKey",
    "hostAliases": "ip",
    "conditions": "type",
    "ownerReferences": "uid",
}
_PRIMITIVE_SETS = {"finalizers"}
#: Maps of free keys, in which no name of a list means anything.
_FREE = {"data", "stringData", "binaryData", "labels", "annotations", "nodeSelector"}


def two_way(before: Object, after: Object) -> Object:
    """The patch that turns `before` into `after`."""
    return _diff(before, after, before, ())


def three_way(original: Object, modified: Object, current: Object) -> Object:
    """The patch that brings what changed from `original` to `modified` to `current`."""
    return _diff(original, modified, current, ())


def _diff(old: Object, new: Object, now: Object, path: tuple[str, ...]) -> Object:
    patch: Object = {}
    for key, wanted in new.items():
        if wanted is None:
            if now.get(key) is not None:
                patch[key] = None
            continue
        patch |= _member(key, old.get(key), wanted, now.get(key), path)
    for key in old:
        if key not in new and now.get(key) is not None:
            patch[key] = None
    return patch


def _member(key: str, old: Any, wanted: Any, now: Any, path: tuple[str, ...]) -> Object:
    below = (*path, key)
    if isinstance(wanted, dict) and isinstance(now, dict):
        inner = _diff(old if isinstance(old, dict) else {}, wanted, now, below)
        return {key: inner} if inner else {}
    if isinstance(wanted, list) and isinstance(now, list):
        before = old if isinstance(old, list) else []
        merge_key = _merge_key(below)
        if merge_key and _keyed(merge_key, wanted, now, before):
            return _merged_list(key, merge_key, before, wanted, now, below)
        if key in _PRIMITIVE_SETS and path and path[-1] == "metadata":
            return _set(key, before, wanted, now)
    return {} if _same(wanted, now) else {key: wanted}


def _merged_list(
    key: str,
    merge_key: str,
    old: list[Object],
    wanted: list[Object],
    now: list[Object],
    path: tuple[str, ...],
) -> Object:
    was = {item[merge_key]: item for item in old}
    there = {item[merge_key]: item for item in now}
    patch: list[Object] = []
    for item in wanted:
        name = item[merge_key]
        if name not in there:
            patch.append(item)
            continue
        inner = _diff(was.get(name, {}), item, there[name], path)
        if inner:
            patch.append({merge_key: name} | inner)
    names = [item[merge_key] for item in wanted]
    gone = [name for name in was if name not in names and name in there]
    patch += [{"$patch": "delete", merge_key: name} for name in gone]
    kept = [name for name in there if name in names]
    if not patch and kept == [name for name in names if name in there]:
        return {}
    order = [{merge_key: name} for name in names]
    return {f"$setElementOrder/{key}": order} | ({key: patch} if patch else {})


def _set(key: str, old: list[Any], wanted: list[Any], now: list[Any]) -> Object:
    patch: Object = {}
    added = [value for value in wanted if value not in now]
    gone = [value for value in old if value not in wanted and value in now]
    if added:
        patch[key] = added
    if gone:
        patch[f"$deleteFromPrimitiveList/{key}"] = gone
    return patch


def _merge_key(path: tuple[str, ...]) -> str:
    if any(part in _FREE for part in path[:-1]):
        return ""
    if path[-1] == "ports":
        return "containerPort" if "containers" in path[-2].lower() else "port"
    return _MERGE_KEYS.get(path[-1], "")


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
