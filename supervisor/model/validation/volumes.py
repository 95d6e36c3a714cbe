"""Volumes of a pod and their mounts into containers.

Follows ValidateVolumes and ValidateVolumeMounts of
pkg/apis/core/validation/validation.go.
"""

from collections.abc import Callable, Set

from supervisor.model import names, quantities
from supervisor.model.errors import (
    duplicate,
    forbidden_field,
    invalid,
    not_found_field,
    required,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.validation import pod_fields, report
from supervisor.model.validation.report import Errors

_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_DOWNWARD_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
_MAX_MODE = 0o777
_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_BACKSTEP = "must not contain '..'"


def check(volumes: list[Object], path: str) -> Errors:
    """What is wrong with the volumes of a pod."""
    seen: set[str] = set()
    for place, volume in enumerate(volumes):
        field = f"{path}[{place}]"
        yield from _source(volume, field)
        name = volume.get("name") or ""
        wrong = list(report.named(f"{field}.name", name, names.dns_label))
        yield from wrong
        if name in seen:
            yield duplicate(f"{field}.name", name)
        if not wrong:
            seen.add(name)


def names_of(spec: Object) -> Set[str]:
    """The names of a pod's volumes."""
    return {volume.get("name") or "" for volume in spec.get("volumes") or []}


def check_mounts(container: Object, known: Set[str], path: str) -> Errors:
    """What is wrong with the mounts of a container; `known` are the pod's volumes."""
    seen: set[str] = set()
    for place, mount in enumerate(container.get("volumeMounts") or []):
        field = f"{path}.volumeMounts[{place}]"
        name, mount_path = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required(f"{field}.name")
        if name not in known:
            yield not_found_field(f"{field}.name", name)
        if not mount_path:
            yield required(f"{field}.mountPath")
        if mount_path in seen:
            yield invalid(f"{field}.mountPath", mount_path, "must be unique")
        seen.add(mount_path)
        yield from _sub_paths(mount, f"{path}.volumeMounts", field)


def _sub_paths(mount: Object, path: str, field: str) -> Errors:
    # Upstream names these fields without the place in the list.
    sub_path, expression = mount.get("subPath"), mount.get("subPathExpr")
    if sub_path:
        yield from _local_path(sub_path, f"{path}.subPath")
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            yield invalid(f"{field}.subPathExpr", expression, detail)
        yield from _local_path(expression, f"{path}.subPathExpr")


def _local_path(text: str, field: str) -> Errors:
    if text.startswith("/"):
        yield invalid(field, text, "must be a relative path")
    if ".." in text.split("/"):
        yield invalid(field, text, _BACKSTEP)


def _source(volume: Object, path: str) -> Errors:
    given = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    if not given:
        yield required(path, "must specify a volume type")
        return
    first = given[0]
    check_source = _CHECKS.get(first)
    if check_source is not None:
        yield from check_source(volume[first], f"{path}.{first}")
    for kind in given[1:]:
        detail = "may not specify more than 1 volume type"
        yield forbidden_field(f"{path}.{kind}", detail)


def _empty_dir(source: Object, path: str) -> Errors:
    medium = source.get("medium") or ""
    if medium not in ("", "Memory") and not medium.startswith("HugePages"):
        yield unsupported(f"{path}.medium", medium, ("", "Memory"))
    limit = source.get("sizeLimit")
    try:
        valid = limit is None or quantities.parse(limit).amount >= 0
    except ValueError:
        valid = False
    if not valid:
        detail = "SizeLimit field must be a valid resource quantity"
        yield forbidden_field(f"{path}.sizeLimit", detail)


def _host_path(source: Object, path: str) -> Errors:
    where = source.get("path") or ""
    if not where:
        yield required(f"{path}.path")
    elif ".." in where.split("/"):
        yield invalid(f"{path}.path", where, _BACKSTEP)
    kind = source.get("type") or ""
    if kind not in _HOST_PATH_TYPES:
        yield unsupported(f"{path}.type", kind, _HOST_PATH_TYPES)


def _config_map(source: Object, path: str) -> Errors:
    if not source.get("name"):
        yield required(f"{path}.name")
    yield from _files(source, path)


def _secret(source: Object, path: str) -> Errors:
    if not source.get("secretName"):
        yield required(f"{path}.secretName")
    yield from _files(source, path)


def _files(source: Object, path: str) -> Errors:
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    for place, item in enumerate(source.get("items") or []):
        field = f"{path}.items[{place}]"
        if not item.get("key"):
            yield required(f"{field}.key")
        if not item.get("path"):
            yield required(f"{field}.path")
        else:
            yield from _local_path(item["path"], f"{field}.path")
        yield from _mode(item.get("mode"), f"{field}.mode")


def _mode(mode: int | None, field: str) -> Errors:
    if mode is not None and not 0 <= mode <= _MAX_MODE:
        yield invalid(field, mode, _MODE)


def _downward_api(source: Object, path: str) -> Errors:
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    yield from _fields(source, path)


def _fields(source: Object, path: str) -> Errors:
    for place, item in enumerate(source.get("items") or []):
        field = f"{path}.items[{place}]"
        if not item.get("path"):
            yield required(f"{field}.path")
        else:
            yield from _local_path(item["path"], f"{field}.path")
        yield from _mode(item.get("mode"), f"{field}.mode")
        of_pod, of_container = item.get("fieldRef"), item.get("resourceFieldRef")
        if of_pod is not None:
            where = f"{field}.fieldRef"
            yield from pod_fields.check_field(of_pod, where, _DOWNWARD_FIELDS)
            if of_container is not None:
                detail = "fieldRef and resourceFieldRef can not be specified "
                yield invalid(field, "resource", f"{detail}simultaneously")
        elif of_container is None:
            yield required(f"{field}.fieldRef or resourceFieldRef")
        else:
            where = f"{field}.resourceFieldRef"
            if not of_container.get("containerName"):
                yield required(f"{where}.containerName")
            yield from pod_fields.check_resource(of_container, where)


def _projected(source: Object, path: str) -> Errors:
    yield from _mode(source.get("defaultMode"), f"{path}.defaultMode")
    seen: set[str] = set()
    for place, given in enumerate(source.get("sources") or []):
        field = f"{path}.sources[{place}]"
        kinds = [kind for kind in given if given[kind] is not None]
        for kind in kinds[1:]:
            detail = "may not specify more than 1 volume type per source"
            yield forbidden_field(f"{field}.{kind}", detail)
        for kind in kinds[:1]:
            part, where = given[kind], f"{field}.{kind}"
            if kind in ("configMap", "secret"):
                if not part.get("name"):
                    yield required(f"{where}.name")
                yield from _files(part, where)
            elif kind == "downwardAPI":
                yield from _fields(part, where)
            yield from _repeated(part, seen, path)


def _repeated(part: Object, seen: set[str], path: str) -> Errors:
    """Paths that another source has already; of whole objects, nothing is known."""
    for item in part.get("items") or []:
        given = item.get("path") or ""
        if given and given in seen:
            yield invalid(path, given, "conflicting duplicate paths")
        seen.add(given)


def _claim(source: Object, path: str) -> Errors:
    if not source.get("claimName"):
        yield required(f"{path}.claimName")


_CHECKS: dict[str, Callable[[Object, str], Errors]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "configMap": _config_map,
    "secret": _secret,
    "downwardAPI": _downward_api,
    "persistentVolumeClaim": _claim,
    "projected": _projected,
}
